package broker

import (
	"bytes"
	"testing"

	"github.com/ovatedb/ovate/internal/chrono"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/planner/native"
	"github.com/ovatedb/ovate/sql"
)

// formatted is rows of every kind that has a form of its own.
func formatted() (*sql.Question, *data.Batch) {
	q := &sql.Question{Zone: chrono.UTC}
	b := &data.Batch{N: 2}
	add := func(name, sqlType string, t data.Type, v *data.Vec) {
		q.Columns = append(q.Columns, sql.Column{Name: name, Type: t, SQL: sqlType})
		b.Cols = append(b.Cols, v)
	}
	plain := func(name, sqlType string, t data.Type, rows ...any) {
		c := data.NewBuilder(t)
		for _, r := range rows {
			c.Append(r)
		}
		add(name, sqlType, t, c.Vec())
	}
	plain("id", "BIGINT", data.LongType, int64(1), nil)
	plain("text", "VARCHAR", data.StringType, "a,\"b\" 😀", "")
	multi := data.NewMulti()
	multi.Append([]any{"😀", "x"})
	multi.Append([]any{"one"})
	add("tags", "VARCHAR", data.StringType, multi.Vec())
	plain("list", "ARRAY", data.DoubleArray, []any{1.5, nil}, []any{})
	plain("float", "FLOAT", data.FloatType, 0.2857, 1e10)
	plain("flag", "BOOLEAN", data.BoolType, true, nil)
	plain("time", "TIMESTAMP", data.LongType, int64(0), nil)
	lengths := data.NewBuilder(data.LongArray) // of a function mapped over tags
	lengths.Append([]any{int64(2), int64(1)})
	lengths.Append([]any{int64(3)})
	add("lengths", "BIGINT", data.LongType, lengths.Vec())
	return q, b
}

func TestFormats(t *testing.T) {
	const first = `1,"a,\"b\" \uD83D\uDE00","[\"\uD83D\uDE00\",\"x\"]","[1.5,null]",0.2857,true,"1970-01-01T00:00:00.000Z","[2,1]"`
	const second = `null,"","one","[]",1.0E10,null,null,3`
	const names = `"id","text","tags","list","float","flag","time","lengths"`
	for name, want := range map[string]string{
		"array":      "[[" + names + "],[" + first + "],[" + second + "]]\n",
		"arrayLines": "[" + names + "]\n[" + first + "]\n[" + second + "]\n\n",
		"csv": "id,text,tags,list,float,flag,time,lengths\n" +
			`1,"a,""b"" 😀","[""😀"",""x""]","[1.5,null]",0.2857,true,1970-01-01T00:00:00.000Z,"[2,1]"` + "\n" +
			`,,one,[],1.0E10,,,3` + "\n\n",
	} {
		q, b := formatted()
		r, err := newResult(name, q, headers{names: true}, true)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		rows := func(yield func(*data.Batch, error) bool) { yield(b, nil) }
		if err := r.write(&out, &native.Answer{Rows: rows}); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s is\n%s\nnot\n%s", name, out.String(), want)
		}
	}
	if _, err := newResult("arrays", &sql.Question{}, headers{}, true); err == nil {
		t.Error("a format that does not exist is taken")
	}
}

// TestFormatNamed: names of formats are read in any case.
func TestFormatNamed(t *testing.T) {
	for _, name := range []string{"objectLines", "OBJECTLINES", "Csv"} {
		if formatNamed(name) == nil {
			t.Errorf("%s is not known", name)
		}
	}
	if formatNamed("lines") != nil {
		t.Error("lines is a format")
	}
}
