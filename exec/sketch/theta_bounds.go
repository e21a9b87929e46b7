package sketch

import (
	_ "embed"
	"math"
)

// thetaTables holds 2 x 363 float64, little-endian: for the lower, then the
// upper bound, for 0 to 120 hashes, the numbers of standard deviations that
// make the Gaussian bounds right at 1, 2 and 3 of them. They are calibration
// constants of Apache DataSketches (Apache License 2.0).
//
//go:embed theta_bounds.bin
var thetaTables []byte

const boundRows = 121

func boundDevs(upper, n, stdDevs int) float64 {
	i := (upper*boundRows+n)*3 + stdDevs - 1
	return math.Float64frombits(le.Uint64(thetaTables[i*8:]))
}

// tail[d] is the probability beyond d standard deviations on one side.
var tail = [...]float64{0.5, 0.15865531915860265, 0.02275026189041357, 0.0013498126861731796}

// thetaBounds are the bounds of how many values there were if each was kept
// with probability theta and n were kept.
func thetaBounds(theta uint64, n int, empty bool, stdDevs int) (low, high float64) {
	kept := float64(n)
	if theta == maxTheta || empty {
		return kept, kept
	}
	p, d := float64(theta)/maxTheta, min(max(stdDevs, 1), 3)
	est := kept / p
	return min(est, max(kept, binomialLow(n, p, d))), max(est, binomialHigh(n, p, d))
}

func binomialLow(n int, p float64, d int) float64 {
	switch kept := float64(n); {
	case n == 0:
		return 0
	case n == 1:
		return math.Floor(math.Log(1-tail[d]) / math.Log(1-p))
	case n >= boundRows:
		return gaussLow(kept, p, float64(d)) - 0.5
	case p > 1-1e-5:
		return kept
	case p < kept/360:
		return gaussLow(kept, p, boundDevs(0, n, d)) - 0.5
	}
	return exactTrials(n, p, tail[d]) - 1
}

func binomialHigh(n int, p float64, d int) float64 {
	switch kept := float64(n); {
	case n == 0:
		return math.Ceil(math.Log(tail[d]) / math.Log(1-p))
	case n >= boundRows:
		return gaussHigh(kept, p, float64(d)) + 0.5
	case p > 1-1e-5:
		return kept + 1
	case p < kept/360:
		return gaussHigh(kept, p, boundDevs(1, n, d)) + 0.5
	}
	return exactTrials(n+1, p, 1-tail[d])
}

func gaussLow(kept, p, devs float64) float64 {
	b := devs * math.Sqrt((1-p)/p)
	n := (kept - 0.5) / p
	return n + 0.5*b*b - 0.5*b*math.Sqrt(b*b+4*n)
}

func gaussHigh(kept, p, devs float64) float64 {
	b := devs * math.Sqrt((1-p)/p)
	n := (kept + 0.5) / p
	return n + 0.5*b*b + 0.5*b*math.Sqrt(b*b+4*n)
}

// exactTrials is the number of trials, of probability p each, after which the
// n-th success has come with probability more than share (negative binomial).
// Callers have n <= 121 and p >= n/360, which bounds the number of rounds.
func exactTrials(n int, p, share float64) float64 {
	kept, trials := float64(n), float64(n)
	term := math.Pow(p, kept)
	for sum := term; sum <= share && trials < 1e6; trials++ {
		term = term * (1 - p) * trials / (trials + 1 - kept)
		sum += term
	}
	return trials
}
