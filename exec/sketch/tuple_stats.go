package sketch

import (
	"math"

	"github.com/ovatedb/ovate/internal/fault"
)

// Sums estimates, for each number, its sum over all values.
func (s *TupleSet) Sums() []float64 {
	out := make([]float64, s.width)
	for i := range s.hashes {
		for c, v := range s.row(i) {
			out[c] += v
		}
	}
	return scale(out, 1/s.Theta())
}

// Means is, for each number, its mean over the entries kept; NaN without any.
func (s *TupleSet) Means() []float64 {
	means, _ := s.moments()
	return means
}

// Variances is, for each number, its sample variance over the entries kept:
// NaN without any, 0 for one.
func (s *TupleSet) Variances() []float64 {
	_, variances := s.moments()
	return variances
}

// moments are the running mean and sum of squares of Welford's algorithm.
func (s *TupleSet) moments() (means, variances []float64) {
	means, variances = make([]float64, s.width), make([]float64, s.width)
	for i := range s.hashes {
		for c, v := range s.row(i) {
			d := v - means[c]
			means[c] += d / float64(i+1)
			variances[c] += d * (v - means[c])
		}
	}
	for c := range variances {
		switch n := float64(len(s.hashes)); n {
		case 0:
			means[c], variances[c] = math.NaN(), math.NaN()
		case 1:
			variances[c] = 0
		default:
			variances[c] /= n - 1
		}
	}
	return means, variances
}

// Quantiles makes a sketch of one number, counted from 0, of all entries kept.
func (s *TupleSet) Quantiles(column, k int) (*Quantiles, error) {
	q, err := NewQuantiles(k)
	if err != nil {
		return nil, err
	}
	if column < 0 || column >= s.width {
		return nil, fault.Invalidf("column %d of a tuple sketch of %d values", column+1, s.width)
	}
	for i := range s.hashes {
		q.Update(s.row(i)[column])
	}
	return q, nil
}

// TTest gives, for each number, the probability that the means of two
// sketches differ this much by chance: Welch's two-sided t-test. Each sketch
// needs two entries; otherwise the answer is NaN.
func (s *TupleSet) TTest(o *TupleSet) ([]float64, error) {
	if s.width != o.width {
		return nil, fault.Invalidf("cannot compare tuple sketches of %d and %d values", s.width, o.width)
	}
	m1, v1 := s.moments()
	m2, v2 := o.moments()
	out := make([]float64, s.width)
	for c := range out {
		out[c] = welch(m1[c], v1[c], float64(len(s.hashes)), m2[c], v2[c], float64(len(o.hashes)))
	}
	return out, nil
}

func welch(m1, v1, n1, m2, v2, n2 float64) float64 {
	if n1 < 2 || n2 < 2 {
		return math.NaN()
	}
	e1, e2 := v1/n1, v2/n2
	t := (m1 - m2) / math.Sqrt(e1+e2)
	freedom := (e1 + e2) * (e1 + e2) / (e1*e1/(n1-1) + e2*e2/(n2-1))
	return betaShare(freedom/(freedom+t*t), freedom/2, 0.5)
}

// betaShare is the regularized incomplete beta function I_x(a, b), by its
// continued fraction (Lentz's method).
func betaShare(x, a, b float64) float64 {
	switch {
	case x != x:
		return x
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - betaShare(1-x, b, a)
	}
	const tiny = 1e-300
	nonZero := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/nonZero(1-(a+b)*x/(a+1))
	f := d
	for i := 1.0; i < 1000; i++ {
		step := i * (b - i) * x / ((a + 2*i - 1) * (a + 2*i))
		d, c = 1/nonZero(1+step*d), nonZero(1+step/c)
		f *= c * d
		step = -(a + i) * (a + b + i) * x / ((a + 2*i) * (a + 2*i + 1))
		d, c = 1/nonZero(1+step*d), nonZero(1+step/c)
		f *= c * d
		if math.Abs(c*d-1) < 1e-15 {
			break
		}
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return math.Exp(lab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a * f
}
