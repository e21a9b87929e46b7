package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// configurationOf reads a file of these lines.
func configurationOf(t *testing.T, text string, set ...string) *configuration {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "runtime.properties"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := readConfiguration(dir, set)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConfigurationValues(t *testing.T) {
	c := configurationOf(t, `# a comment
druid.port=8082
druid.host : 127.0.0.1
druid.master.startDelay PT60S
druid.coordinator.period=1500
druid.server.maxSize=300g
druid.segmentCache.x=64MiB
druid.server.priority=-3
long.value=one\
   two
`, "druid.port=9", "extra = yes")
	for _, check := range []struct{ got, want any }{
		{c.number(1, "druid.port"), int64(9)}, // the command line wins
		{c.text("x", "druid.host"), "127.0.0.1"},
		{c.period(0, "druid.master.startDelay", "druid.coordinator.startDelay"), time.Minute},
		{c.period(0, "druid.master.period", "druid.coordinator.period"), 1500 * time.Millisecond},
		{c.size(0, "druid.server.maxSize"), int64(300e9)},
		{c.size(0, "druid.segmentCache.x"), int64(64 << 20)},
		{c.whole(0, "druid.server.priority"), -3},
		{c.text("", "long.value"), "onetwo"},
		{c.flag(false, "extra"), false}, // see the error below
		{c.text("usual", "not.there"), "usual"},
	} {
		if !reflect.DeepEqual(check.got, check.want) {
			t.Errorf("got %v, want %v", check.got, check.want)
		}
	}
	if err := c.check(slog.Default(), nil); err == nil || !strings.Contains(err.Error(), "--set: extra: expected true or false") {
		t.Errorf("got %v", err)
	}
}

func TestConfigurationErrorsSayWhere(t *testing.T) {
	for _, test := range []struct {
		line string
		read func(c *configuration)
		want string
	}{
		{"druid.port=x", func(c *configuration) { c.number(0, "druid.port") }, "druid.port: expected a whole number"},
		{"druid.server.maxSize=10q", func(c *configuration) { c.size(0, "druid.server.maxSize") }, "druid.server.maxSize: expected a number of bytes"},
		{"druid.server.maxSize=99999999999g", func(c *configuration) { c.size(0, "druid.server.maxSize") }, "druid.server.maxSize: expected a number of bytes"},
		{"druid.master.startDelay=P1M", func(c *configuration) { c.period(0, "druid.master.startDelay") }, "of fixed length"},
		{"druid.master.startDelay=60 s", func(c *configuration) { c.period(0, "druid.master.startDelay") }, "expected a period"},
		{"com.metamx.emitter.logging.level=inof", func(c *configuration) { logLevel(c) }, `did you mean "info"?`},
	} {
		c := configurationOf(t, "# first\n\n"+test.line+"\n")
		test.read(c)
		err := c.check(slog.Default(), nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "runtime.properties:3: ") {
			t.Errorf("%s: got %v", test.line, err)
		}
	}
}

func TestUnknownPropertiesWarn(t *testing.T) {
	c := configurationOf(t, "druid.sever.tier=hot\ndruid.host=h\ndruid.extensions.loadList=[]\ndruid.zk.paths.bsae=/x\n")
	c.text("", "druid.host")
	c.text("", "druid.server.tier")
	c.text("", "druid.zk.paths.base")
	var log bytes.Buffer
	if err := c.check(slog.New(slog.NewTextHandler(&log, nil)), meaningless); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`did you mean \"druid.server.tier\"?`, "runtime.properties:1", `did you mean \"druid.zk.paths.base\"?`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in\n%s", want, log.String())
		}
	}
	if n := strings.Count(log.String(), "unknown property"); n != 2 {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	c := configurationOf(t, "druid.database.password=diurd\ncom.metamx.aws.secretKey=s1\nkeep=this\n")
	if got := c.shown(); got["keep"] != "this" || strings.Contains(strings.Join([]string{got["druid.database.password"], got["com.metamx.aws.secretKey"]}, " "), "diurd") || got["com.metamx.aws.secretKey"] == "s1" {
		t.Errorf("got %v", got)
	}
}

// Every property of the tutorial's files is one that some role reads.
func TestTutorialProperties(t *testing.T) {
	for _, name := range []string{"master", "compute", "broker"} {
		c, err := readConfiguration(filepath.Join("..", "..", "testdata", "tutorial", "config", name), nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &process{config: c, log: slog.Default(), role: role{name: name, port: 1}}
		p.describe()
		logLevel(c)
		switch name {
		case "master":
			if db := metadataConfig(p); db.URI != "jdbc:mysql://localhost:3306/druid" || db.User != "druid" || db.Password != "diurd" || db.SegmentTable != "segments" {
				t.Errorf("metadata: %+v", db)
			}
			c.period(0, "druid.master.startDelay")
		case "compute":
			cfg, err := computeConfig(p)
			if err != nil || len(cfg.Cache) != 1 || cfg.Cache[0].Dir != "/tmp/druid/indexCache" || cfg.InfoDir != "/tmp/druid/segmentInfoCache" || cfg.Server.MaxSize != 100000000 || cfg.Sources["s3_zip"] == nil {
				t.Errorf("compute: %+v %v", cfg, err)
			}
		case "broker":
			c.number(0, "druid.client.http.connections")
		}
		var log bytes.Buffer
		known := []string{"com.metamx.aws.accessKey", "com.metamx.aws.secretKey"} // the master takes nothing from S3
		if err := c.check(slog.New(slog.NewTextHandler(&log, nil)), known); err != nil || log.Len() > 0 {
			t.Errorf("%s: %v\n%s", name, err, log.String())
		}
		if p.server.Host != map[string]string{"master": "127.0.0.1:8082", "compute": "127.0.0.1:8081", "broker": "127.0.0.1:8080"}[name] || p.paths.Base != "/druid" {
			t.Errorf("%s: %+v %+v", name, p.server, p.paths)
		}
	}
}

// The configuration that docs/deploy has is understood by every role.
func TestDeployedProperties(t *testing.T) {
	for _, name := range []string{"master", "compute", "broker"} {
		c, err := readConfiguration(filepath.Join("..", "..", "docs", "deploy", "conf", name), nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &process{config: c, log: slog.Default(), role: role{name: name, port: 1}}
		p.describe()
		if db := metadataConfig(p); p.secret != "change-me" || db.URI != "jdbc:mysql://mysql:3306/druid" {
			t.Errorf("%s: %q %+v", name, p.secret, db)
		}
		if _, err := computeConfig(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var log bytes.Buffer
		if err := c.check(slog.New(slog.NewTextHandler(&log, nil)), meaningless); err != nil || log.Len() > 0 {
			t.Errorf("%s: %v\n%s", name, err, log.String())
		}
	}
}

func FuzzConfiguration(f *testing.F) {
	f.Add([]byte("a=b\nc : d\\\n e\n! x\nk\\=y=1\n\\u00e4=2"))
	f.Add([]byte("druid.server.maxSize=10k\r\n=\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "runtime.properties"), text, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := readConfiguration(dir, nil)
		if err != nil {
			return
		}
		for key := range c.values {
			c.size(0, key)
			c.period(0, key)
		}
		_ = c.check(slog.New(slog.DiscardHandler), nil) // errors and warnings are fine, panics are not
	})
}
