package mysql

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ovatedb/ovate/internal/fault"
)

func TestURI(t *testing.T) {
	for _, c := range []struct{ uri, want string }{
		{"jdbc:mysql://localhost:3306/druid", "druid:diurd@tcp(localhost:3306)/druid"},
		{"jdbc:mysql://db.example/druid", "druid:diurd@tcp(db.example:3306)/druid"},
		{"jdbc:mariadb://[::1]:33/d_1?useUnicode=true&characterEncoding=UTF-8", "druid:diurd@tcp([::1]:33)/d_1"},
		{"jdbc:mysql://h/d?useSSL=true&connectTimeout=1500", "druid:diurd@tcp(h:3306)/d tls=preferred timeout=1.5s"},
		{"jdbc:mysql://h/d?sslMode=VERIFY_CA", "druid:diurd@tcp(h:3306)/d tls=true"},
		{"x:y@unix(/tmp/s)/d", "druid:diurd@unix(/tmp/s)/d"},
		{"jdbc:postgresql://h/d", `error: expected a database of kind mysql or mariadb, not "postgresql"`},
		{"jdbc:mysql://a,b/d", "error: expected one host"},
		{"jdbc:mysql:///d", "error: expected one host"},
		{"jdbc:mysql://h:3306", "error: expected a database after"},
		{"jdbc:mysql://h/d?connectTimeout=soon", `error: parameter connectTimeout: expected milliseconds, not "soon"`},
		{"jdbc:mysql://h/d?sslMode=maybe", "error: parameter sslMode: expected one of"},
		{"jdbc:mysql://%zz/d", "error: expected an address"},
		{"nonsense", "error: "},
		{"", "error: expected a database"},
	} {
		cfg := Config{URI: c.uri, User: "druid", Password: "diurd"}
		d, err := cfg.dsn()
		if want, fails := strings.CutPrefix(c.want, "error: "); fails {
			var e *fault.Error
			if !errors.As(err, &e) || e.Kind != fault.Invalid || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %s", c.uri, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.uri, err)
			continue
		}
		got := d.User + ":" + d.Passwd + "@" + d.Net + "(" + d.Addr + ")/" + d.DBName
		if d.TLSConfig != "" {
			got += " tls=" + d.TLSConfig
		}
		if d.Timeout != dialTime {
			got += " timeout=" + d.Timeout.String()
		}
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.uri, got, c.want)
		}
		if d.ReadTimeout <= 0 || d.WriteTimeout <= 0 || d.ReadTimeout > time.Minute {
			t.Errorf("%s: unbounded", c.uri)
		}
	}
}

func TestURIUser(t *testing.T) {
	cfg := Config{URI: "jdbc:mysql://h/d?user=u&password=p%26"}
	if d, err := cfg.dsn(); err != nil || d.User != "u" || d.Passwd != "p&" {
		t.Errorf("%+v %v", d, err)
	}
}

func TestTableNames(t *testing.T) {
	for name, ok := range map[string]bool{"segments": true, "prod_druid_segments": true, "a`b": false, "a b": false, "rules": false, "x;--": false} {
		cfg := Config{SegmentTable: name}
		cfg.setDefaults()
		if _, err := newStatements(cfg); (err == nil) != ok {
			t.Errorf("table %q: %v", name, err)
		}
	}
}
