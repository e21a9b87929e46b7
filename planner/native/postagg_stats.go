package native

import (
	"strings"

	"github.com/ovatedb/ovate/exec/expr"
	"github.com/ovatedb/ovate/internal/data"
	"github.com/ovatedb/ovate/internal/fault"
	"github.com/ovatedb/ovate/internal/jsontype"
)

func init() {
	postAggregators.Add("stddev", new(postDeviation))
	postAggregators.Add("zscore2sample", new(postZScore))
	postAggregators.Add("pvalue2tailedZtest", new(postPValue))
}

// postDeviation is the standard deviation of a variance aggregate, of a sample
// unless it says population.
type postDeviation struct {
	postField
	Estimator string `json:"estimator"`
}

// Expr is the root.
func (p *postDeviation) Expr(r *results) (expr.Expr, error) {
	e, err := p.postField.Expr(r)
	if err != nil {
		return nil, err
	}
	e, err = call("variance_of_state", e, expr.Bool(strings.EqualFold(p.Estimator, "population")))
	if err == nil {
		_, err = r.typeOf(e)
	}
	if err != nil {
		return nil, fault.At(err, "fieldName")
	}
	return call("sqrt", e)
}

// postZScore is the z-score of two samples' rates of success.
type postZScore struct {
	post
	Successes1 jsontype.Of[PostAggregator] `json:"successCount1"`
	Size1      jsontype.Of[PostAggregator] `json:"sample1Size"`
	Successes2 jsontype.Of[PostAggregator] `json:"successCount2"`
	Size2      jsontype.Of[PostAggregator] `json:"sample2Size"`
}

func (p *postZScore) operands() postList {
	return postList{p.Successes1, p.Size1, p.Successes2, p.Size2}
}

// Check wants the four numbers.
func (p *postZScore) Check() error {
	for i, name := range []string{"successCount1", "sample1Size", "successCount2", "sample2Size"} {
		if p.operands()[i].V == nil {
			return missing(name, "a post-aggregator")
		}
	}
	return nil
}

// Expr is the difference of the rates over its standard error.
func (p *postZScore) Expr(r *results) (expr.Expr, error) {
	args, err := p.operands().numbers(r, data.DoubleType)
	if err != nil {
		return nil, err
	}
	rate := func(i int) expr.Expr { return expr.Of("divide", args[i], args[i+1]) }
	spread := func(i int) expr.Expr {
		return expr.Of("divide", expr.Of("times", rate(i), expr.Of("minus", expr.Double(1), rate(i))), args[i+1])
	}
	return call("divide", expr.Of("minus", rate(0), rate(2)), expr.Of("sqrt", expr.Of("plus", spread(0), spread(2))))
}

// postPValue is the two-tailed p-value of a z-score.
type postPValue struct {
	post
	Score jsontype.Of[PostAggregator] `json:"zScore"`
}

// Check wants the score.
func (p *postPValue) Check() error {
	if p.Score.V == nil {
		return missing("zScore", "a post-aggregator")
	}
	return nil
}

// Expr is the call.
func (p *postPValue) Expr(r *results) (expr.Expr, error) {
	e, err := p.Score.V.Expr(r)
	if err != nil {
		return nil, fault.At(err, "zScore")
	}
	return call("p_value_two_tailed", e)
}
