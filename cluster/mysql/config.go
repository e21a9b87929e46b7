package mysql

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"github.com/ovatedb/ovate/internal/fault"
)

// A Config says where the database is.
type Config struct {
	URI           string // jdbc:mysql://host[:port]/database[?…], or go-sql-driver's user:password@tcp(host:port)/database
	User          string // in place of the URI's
	Password      string // likewise
	SegmentTable  string // default segments
	RuleTable     string // default rules
	ConfigTable   string // default config
	DocumentTable string // default documents
	Poll          time.Duration
	Log           *slog.Logger
}

const defaultPoll = 10 * time.Second

func (c *Config) setDefaults() {
	for _, d := range []struct {
		to   *string
		name string
	}{{&c.SegmentTable, "segments"}, {&c.RuleTable, "rules"}, {&c.ConfigTable, "config"}, {&c.DocumentTable, "documents"}} {
		if *d.to == "" {
			*d.to = d.name
		}
	}
	if c.Poll <= 0 {
		c.Poll = defaultPoll
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

// dsn is the driver's configuration, with our bounds.
func (c *Config) dsn() (*driver.Config, error) {
	var d *driver.Config
	var err error
	if rest, ok := strings.CutPrefix(c.URI, "jdbc:"); ok {
		d, err = parseJDBC(rest)
	} else if d, err = driver.ParseDSN(c.URI); err != nil {
		err = fault.Invalidf("metadata store: %v", err)
	}
	if err != nil {
		return nil, err
	}
	if c.User != "" {
		d.User = c.User
	}
	if c.Password != "" {
		d.Passwd = c.Password
	}
	if d.DBName == "" {
		return nil, fault.Invalidf("metadata store URI %q: expected a database after the address, as in jdbc:mysql://localhost:3306/druid", c.URI)
	}
	for to, bound := range map[*time.Duration]time.Duration{&d.Timeout: dialTime, &d.ReadTimeout: quietTime, &d.WriteTimeout: quietTime} {
		if *to == 0 {
			*to = bound
		}
	}
	d.Logger = quiet{c.Log}    // what it says comes as an error as well
	d.InterpolateParams = true // one round trip a statement
	d.Collation = "utf8mb4_bin"
	if d.Params == nil {
		d.Params = map[string]string{}
	}
	d.Params["sql_mode"] = "'STRICT_ALL_TABLES'"
	d.Params["innodb_lock_wait_timeout"] = "10"
	return d, nil
}

// quiet is the driver's log.
type quiet struct{ log *slog.Logger }

// Print implements the driver's Logger.
func (q quiet) Print(v ...any) {
	if q.log != nil {
		q.log.Debug("mysql driver", "says", fmt.Sprint(v...))
	}
}

// parseJDBC reads mysql://host[:port]/database[?name=value&…]. Of the
// parameters of MySQL's Java driver it takes those that have a meaning here.
func parseJDBC(uri string) (*driver.Config, error) {
	bad := func(format string, args ...any) error {
		return fault.Invalidf("metadata store URI %q: "+format+", as in jdbc:mysql://localhost:3306/druid", append([]any{"jdbc:" + uri}, args...)...)
	}
	u, err := url.Parse(uri)
	switch {
	case err != nil:
		return nil, bad("expected an address and a database")
	case u.Scheme != "mysql" && u.Scheme != "mariadb":
		return nil, bad("expected a database of kind mysql or mariadb, not %q", u.Scheme)
	case u.Hostname() == "" || strings.Contains(u.Host, ","):
		return nil, bad("expected one host")
	}
	d := driver.NewConfig()
	d.Net, d.Addr, d.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	if u.Port() == "" {
		d.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	d.User = u.User.Username()
	d.Passwd, _ = u.User.Password()
	for name, set := range map[string]func(string) error{
		"user":           func(v string) error { d.User = v; return nil },
		"password":       func(v string) error { d.Passwd = v; return nil },
		"connectTimeout": func(v string) error { return millis(&d.Timeout, v) },
		"socketTimeout":  func(v string) error { return millis(&d.ReadTimeout, v) },
		"useSSL": func(v string) error {
			d.TLSConfig = map[bool]string{true: "preferred", false: "false"}[v == "true"]
			return nil
		},
		"sslMode": func(v string) error { return sslMode(d, v) },
	} {
		if !u.Query().Has(name) {
			continue
		}
		if err := set(u.Query().Get(name)); err != nil {
			return nil, bad("parameter %s: %v", name, err)
		}
	}
	return d, nil
}

func millis(to *time.Duration, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		return fault.Invalidf("expected milliseconds, not %q", v)
	}
	*to = time.Duration(n) * time.Millisecond
	return nil
}

func sslMode(d *driver.Config, v string) error {
	modes := map[string]string{
		"DISABLED": "false", "PREFERRED": "preferred", "REQUIRED": "skip-verify", "VERIFY_CA": "true", "VERIFY_IDENTITY": "true",
		"disable": "false", "trust": "skip-verify", "verify-ca": "true", "verify-full": "true",
	}
	mode, ok := modes[v]
	if !ok {
		return fault.Invalidf("expected one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY, not %q", v)
	}
	d.TLSConfig = mode
	return nil
}

var tableName = regexp.MustCompile(`^[A-Za-z0-9_$]{1,50}$`)

// statements is the SQL with the tables' names and the dialect's words in place.
type statements struct {
	names   *strings.Replacer
	segment string
	mirrors []mirror
}

func newStatements(c Config) (statements, error) {
	seen := map[string]bool{}
	for _, n := range []string{c.SegmentTable, c.RuleTable, c.ConfigTable, c.DocumentTable} {
		if !tableName.MatchString(n) {
			return statements{}, fault.Invalidf("table name %q: expected letters, digits, _ and $, at most 50", n)
		}
		if seen[n] {
			return statements{}, fault.Invalidf("table name %q is used twice", n)
		}
		seen[n] = true
	}
	return statements{
		segment: c.SegmentTable,
		names: strings.NewReplacer("{segments}", "`"+c.SegmentTable+"`", "{pending}", "`"+c.SegmentTable+"_pending`",
			"{state}", "`"+c.SegmentTable+"_state`", "{documents}", "`"+c.DocumentTable+"`",
			"{rules}", "`"+c.RuleTable+"`", "{config}", "`"+c.ConfigTable+"`",
			"{key}", "name", "{known}", "changed > 0 AND problem IS NULL", "{seen}", "seen_used", "{lock}", " FOR UPDATE"),
		mirrors: mirrors,
	}, nil
}

// sql puts the tables' names into a statement.
func (s statements) sql(text string) string { return s.names.Replace(text) }
