package native

func init() {
	postAggregators.Add("quantileFromTDigestSketch", &postSketch{fn: "t_digest_get_quantile", args: quantileArgs})
	postAggregators.Add("quantilesFromTDigestSketch", &postSketch{fn: "t_digest_get_quantiles", args: quantilesArgs})
}
