package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/server/broker"
)

// scheduler is what the properties about how many queries run at once begin
// with.
const scheduler = "druid.query.scheduler."

// scheduling says how many queries run at once, and in which lanes.
func scheduling(c *configuration) broker.Scheduling {
	out := broker.Scheduling{Threads: c.whole(0, scheduler+"numThreads"), Lanes: map[string]int{}}
	of := out.Threads // what shares of all queries are taken of
	if of == 0 {
		of = c.whole(0, "druid.server.http.numThreads")
	}
	share := func(key string, percent int) int {
		if of == 0 {
			c.errs = append(c.errs, fmt.Errorf("%s: a share of all queries; set %snumThreads, too", key, scheduler))
		}
		if percent < 1 || percent > 100 {
			c.errs = append(c.errs, fmt.Errorf("%s: expected a number from 1 to 100, got %d", key, percent))
		}
		return broker.Percent(of, percent)
	}
	switch c.oneOf([]string{"none", "hilo", "manual"}, "none", scheduler+"laning.strategy") {
	case "hilo":
		out.Low = true
		out.Lanes[broker.LowLane] = share(scheduler+"laning.maxLowPercent", c.whole(0, scheduler+"laning.maxLowPercent"))
	case "manual":
		percent := c.flag(false, scheduler+"laning.isLimitPercent")
		for key := range c.values {
			lane, ok := strings.CutPrefix(key, scheduler+"laning.lanes.")
			if !ok {
				continue
			}
			n := c.whole(0, key)
			if percent {
				n = share(key, n)
			}
			if n < 1 {
				c.errs = append(c.errs, fmt.Errorf("%s: expected 1 or more, got %s", key, strconv.Itoa(n)))
			}
			out.Lanes[lane] = n
		}
	}
	if c.oneOf([]string{"manual", "threshold"}, "manual", scheduler+"prioritization.strategy") == "threshold" {
		period := func(name string) chrono.Period {
			return parsed(c, chrono.Period{}, chrono.ParsePeriod, scheduler+"prioritization."+name)
		}
		out.Threshold = &broker.Threshold{
			Period: period("periodThreshold"), Duration: period("durationThreshold"), Range: period("segmentRangeThreshold"),
			Segments:   c.whole(0, scheduler+"prioritization.segmentCountThreshold"),
			Adjustment: c.whole(1, scheduler+"prioritization.adjustment"),
		}
	}
	return out
}
