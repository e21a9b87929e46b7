package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestScheduling(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"", `{Threads:0 Lanes:map[] Low:false Threshold:<nil>}`},
		{"numThreads=10 laning.strategy=hilo laning.maxLowPercent=25", `{Threads:10 Lanes:map[low:3] Low:true Threshold:<nil>}`},
		{"laning.strategy=hilo laning.maxLowPercent=25", `set druid.query.scheduler.numThreads, too`},
		{"numThreads=10 laning.strategy=hilo", `expected a number from 1 to 100`},
		{"laning.strategy=manual laning.lanes.a=2 laning.lanes.b=1", `{Threads:0 Lanes:map[a:2 b:1] Low:false Threshold:<nil>}`},
		{"numThreads=9 laning.strategy=manual laning.isLimitPercent=true laning.lanes.a=50", `{Threads:9 Lanes:map[a:5] Low:false Threshold:<nil>}`},
		{"laning.strategy=manual laning.lanes.a=0", `expected 1 or more`},
		{"laning.strategy=other", `expected one of none, hilo, manual`},
		{"prioritization.strategy=threshold prioritization.segmentCountThreshold=5 prioritization.periodThreshold=P1M", `{P1M PT0S 5 PT0S 1}`},
		{"prioritization.strategy=threshold prioritization.periodThreshold=x", `periodThreshold`},
	} {
		var set []string
		for _, f := range strings.Fields(c.set) {
			set = append(set, scheduler+f)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "runtime.properties"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		conf, err := readConfiguration(dir, append(set, "druid.service=x"))
		if err != nil {
			t.Fatal(err)
		}
		s := scheduling(conf)
		got := fmt.Sprintf("%+v", s)
		if s.Threshold != nil {
			got = fmt.Sprint(*s.Threshold)
		}
		if len(conf.errs) > 0 {
			got = fmt.Sprint(conf.errs)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: got %s, want %s", c.set, got, c.want)
		}
	}
}
