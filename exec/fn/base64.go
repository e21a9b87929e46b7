package fn

import (
	"encoding/base64"
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
)

// DecodeBase64 reads text that is wrapped in Base64.
var DecodeBase64 = expr.Register(&expr.Func{
	Name: "decode_base64_utf8", Min: 1, Max: 1, Type: giveText, SQL: []expr.SQL{{Name: "DECODE_BASE64_UTF8"}},
	Doc: "The UTF-8 text of which the string is the Base64 form; an error if it is none.",
	Eval: func(s *data.Scratch, args []*data.Vec, n int) (*data.Vec, error) {
		args = coerced(s, args, data.StringType)
		return textRows(s, args, n, func(i int) (string, bool, error) {
			x := args[0].Str(i)
			b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(x, "="))
			if err != nil {
				return "", false, fault.Invalidf("decode_base64_utf8: %.60q is not Base64", x)
			}
			return strings.ToValidUTF8(string(b), "\ufffd"), true, nil
		})
	},
})
