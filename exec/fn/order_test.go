package fn_test

import (
	"strings"
	"testing"

	"github.com/ovatedb/ovate/exec/expr"
	_ "github.com/ovatedb/ovate/exec/fn"
)

// TestOrderKey holds lists that ascend in an order to their keys; what is
// joined by = is equal in it.
func TestOrderKey(t *testing.T) {
	for order, ascending := range map[string]string{
		"numeric":       "| abc| z|-1e400|-10|-1.55|-1.5|-0.3|0=-0=0.00|1e-400|0.03|0.3=.30=3E-1|1=+1=1.0|9|9.5|10=1e1|9007199254740992|9007199254740993|1e400",
		"alphanumeric":  "|1|1.5|9|10|10a|010|a|A1=a1|a2|a10|a10b|b|foo=FOO=Foo|foo bar|k2|k13",
		"strlen":        "|a|z|aa|bb|😀|épée|aaaaa",
		"version":       "alpha|a1=alpha1=alpha-1|a9|a10|beta|rc|=0=ga=final=0.0|sp|banana|x|1-alpha|1-beta2|1=1.0=1.0.0=1-ga|1-1|1.1-rc|1.1|1.2|1.10|2|10",
		"lexicographic": "|1|10|2|A|a|é",
	} {
		last, lastText := "", ""
		for i, group := range strings.Split(ascending, "|") {
			for j, x := range strings.Split(group, "=") {
				l, ok := expr.Fold(expr.Of("order_key", expr.String(order), expr.String(x)), nil).(*expr.Lit)
				if !ok {
					t.Fatalf("%s key of %q does not fold", order, x)
				}
				key := l.Value.(string)
				switch c := strings.Compare(last, key); {
				case i+j == 0:
				case j > 0 && c != 0:
					t.Errorf("%s: %q and %q differ: %q %q", order, lastText, x, last, key)
				case j == 0 && c >= 0:
					t.Errorf("%s: %q is not below %q: %q %q", order, lastText, x, last, key)
				}
				last, lastText = key, x
			}
		}
	}
	_, err := expr.Compile(expr.Of("order_key", expr.String("numerical"), expr.Column("x")), nil, nil)
	if err == nil || !strings.Contains(err.Error(), `did you mean "numeric"`) {
		t.Errorf("unknown order: %v", err)
	}
}
