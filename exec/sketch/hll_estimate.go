package sketch

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// hllCurves holds, for lgK 4 to 21, 257 raw estimates (float64, little-endian)
// of 0, stride, 2 stride, … distinct values: the measured bias of the raw HLL
// formula. They are the calibration constants of Apache DataSketches
// (Apache License 2.0), without which estimates would differ from its own.
//
//go:embed hll_curves.bin
var hllCurves []byte

const curvePoints = 257

var (
	hllCurve [MaxHLLLgK + 1][curvePoints]float64
	// curveStride[lgK-4] is the step of distinct values between two points.
	curveStride = [...]float64{1, 2, 3, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 40960, 81920}
)

func init() {
	for i := range (MaxHLLLgK - MinHLLLgK + 1) * curvePoints {
		bits := binary.LittleEndian.Uint64(hllCurves[i*8:])
		hllCurve[MinHLLLgK+i/curvePoints][i%curvePoints] = math.Float64frombits(bits)
	}
}

// couponCounts and couponCurve: that many different coupons stand for that
// many distinct values (26-bit addresses collide).
var couponCounts = [...]float64{0, 1, 20, 400, 8000, 160000, 300000, 600000, 900000, 1200000, 1500000, 1800000, 2100000}
var couponCurve = [...]float64{
	0, 1, 20.00000094374026, 400.0003963713384, 8000.158929460209, 160063.60677637596, 300223.70715976635, 600895.593385617, 902016.8065120955,
	1203588.498319951, 1505611.8245524743, 1808087.9449319066, 2111018.0231759353,
}

// Relative errors for lgK 4 to 12 at 1, 2 and 3 standard deviations, for the
// lower and upper bound, in order and out of order. Above, formulas serve.
var (
	hllErrLow = [2][27]float64{
		{
			0.207316195, 0.502865572, 0.882303765, 0.146981579, 0.335426881, 0.557052, 0.104026721, 0.227683872, 0.365888317,
			0.073614601, 0.156781585, 0.245740374, 0.05205248, 0.108783763, 0.168030442, 0.036770852, 0.075727545, 0.11593785,
			0.025990219, 0.053145536, 0.080772263, 0.018373987, 0.037266176, 0.056271814, 0.012936253, 0.02613829, 0.039387631,
		},
		{
			0.254409839, 0.682266712, 1.304022158, 0.181817353, 0.443389054, 0.778776219, 0.129432281, 0.295782195, 0.49252279,
			0.091640655, 0.201175925, 0.323664385, 0.064858051, 0.138523393, 0.218805328, 0.045851855, 0.095925072, 0.148635751,
			0.032454144, 0.067009668, 0.102660669, 0.022921382, 0.046868565, 0.071307398, 0.016155679, 0.032825719, 0.049677541,
		},
	}
	hllErrHigh = [2][27]float64{
		{
			-0.207805347, -0.355574279, -0.475535095, -0.146988328, -0.262390832, -0.360864026, -0.103877775, -0.191503663, -0.269311582,
			-0.073452978, -0.138513438, -0.198487447, -0.051982806, -0.099703123, -0.144128618, -0.036768609, -0.07138158, -0.104430324,
			-0.025991325, -0.050854296, -0.0748143, -0.01834533, -0.036121138, -0.05327616, -0.012920332, -0.025572893, -0.037896952,
		},
		{
			-0.256980172, -0.411905944, -0.52651057, -0.182332109, -0.310275547, -0.412660505, -0.129314228, -0.230142294, -0.315636197,
			-0.091584836, -0.16834013, -0.236346847, -0.06487411, -0.122045231, -0.174112107, -0.04591465, -0.08784505, -0.126917615,
			-0.032433119, -0.062897613, -0.091862929, -0.022960633, -0.044875401, -0.065736049, -0.016186662, -0.031827816, -0.046973459,
		},
	}
	hllErrFactor = [2]float64{math.Sqrt(math.Ln2), math.Sqrt(3*math.Ln2 - 1)}
)

// couponErr is the relative standard error of a coupon count.
const couponErr = 0.409 / (1 << 13)

// Estimate is the estimated number of distinct values.
func (h *HLL) Estimate() float64 {
	switch {
	case h.mode != hllRegs:
		n := float64(h.count)
		return max(n, cubicAt(couponCounts[:], couponCurve[:], n))
	case h.ooo:
		return h.composite()
	}
	return h.hip
}

// Bounds gives the lower and upper bound at 1, 2 or 3 standard deviations
// (other numbers are taken as the nearest of these).
func (h *HLL) Bounds(stdDevs int) (low, high float64) {
	d, est := min(max(stdDevs, 1), 3), h.Estimate()
	if h.mode != hllRegs {
		n, e := float64(h.count), float64(d)*couponErr
		return max(est/(1+e), n), max(est/(1-e), n)
	}
	if h.stale {
		h.refresh()
	}
	order := 0
	if h.ooo {
		order = 1
	}
	e := float64(d) * hllErrFactor[order] / math.Sqrt(float64(len(h.regs)))
	lowErr, highErr := e, -e
	if h.lgK <= 12 {
		i := (int(h.lgK)-MinHLLLgK)*3 + d - 1
		lowErr, highErr = hllErrLow[order][i], hllErrHigh[order][i]
	}
	return max(est/(1+lowErr), float64(len(h.regs)-h.zeros)), est / (1 + highErr)
}

// composite is the estimate from registers alone: the raw formula, corrected
// by the curve of its bias, or for small counts the number of zero registers.
func (h *HLL) composite() float64 {
	if h.stale {
		h.refresh()
	}
	k := float64(len(h.regs))
	raw := alphaHLL(h.lgK) * k * k / (h.inverse[0] + h.inverse[1])
	x, stride := hllCurve[h.lgK][:], curveStride[h.lgK-MinHLLLgK]
	last := x[curvePoints-1]
	switch {
	case raw < x[0]:
		return 0
	case raw > last:
		return raw * (stride * (curvePoints - 1) / last)
	}
	corrected := cubicAtStride(x, stride, raw)
	if corrected > 3*k { // where counting zeros may be wild
		return corrected
	}
	linear := h.linear()
	limit := 0.64
	switch h.lgK {
	case 4:
		limit = 0.718
	case 5:
		limit = 0.672
	}
	if (corrected+linear)/2 > limit*k {
		return corrected
	}
	return linear
}

// linear estimates from the number of registers that are still zero.
func (h *HLL) linear() float64 {
	k := float64(len(h.regs))
	if h.zeros == 0 {
		return k * math.Log(k/0.5)
	}
	return k * (harmonic(len(h.regs)) - harmonic(h.zeros))
}

func alphaHLL(lgK uint8) float64 {
	switch lgK {
	case 4:
		return 0.673
	case 5:
		return 0.697
	case 6:
		return 0.709
	}
	return 0.7213 / (1 + 1.079/float64(int(1)<<lgK))
}

// harmonic is the n-th harmonic number: summed up if small, else by its
// asymptotic series.
func harmonic(n int) float64 {
	if n < 25 {
		sum := 0.0
		for i := 1; i <= n; i++ {
			sum += 1 / float64(i)
		}
		return sum
	}
	x := float64(n)
	r := 1 / (x * x)
	const euler = 0.5772156649015329
	return math.Log(x) + euler + 1/(2*x) - r/12 + r*r/120 - r*r*r/252 + r*r*r*r/240
}

// cubicAt is the cubic through the four points around v of a curve given by
// ascending xs and their ys; xs[0] <= v <= xs[len-1].
func cubicAt(xs, ys []float64, v float64) float64 {
	i := straddle(xs, v)
	return cubic(xs[i:i+4], [4]float64(ys[i:i+4]), v)
}

// cubicAtStride is cubicAt where ys are 0, stride, 2 stride, …
func cubicAtStride(xs []float64, stride, v float64) float64 {
	i := straddle(xs, v)
	s := float64(i)
	return cubic(xs[i:i+4], [4]float64{s * stride, (s + 1) * stride, (s + 2) * stride, (s + 3) * stride}, v)
}

// straddle gives the first of the four points to use: v lies between the two
// middle ones, except near the ends.
func straddle(xs []float64, v float64) int {
	lo, hi := 0, len(xs)-1
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; xs[mid] <= v {
			lo = mid
		} else {
			hi = mid
		}
	}
	return min(max(lo-1, 0), len(xs)-4)
}

// cubic is Lagrange's polynomial through four points.
func cubic(x []float64, y [4]float64, v float64) float64 {
	sum := 0.0
	for i := range 4 {
		num, den := 1.0, 1.0
		for j := range 4 {
			if j != i {
				num *= v - x[j]
				den *= x[i] - x[j]
			}
		}
		sum += y[i] * num / den
	}
	return sum
}

// inversePower is 2^-n.
func inversePower(n byte) float64 { return math.Float64frombits(uint64(1023-int(n)) << 52) }

// String sums the sketch up.
func (h *HLL) String() string {
	low, high := h.Bounds(1)
	mode := [...]string{"LIST", "SET", "HLL"}[h.mode]
	s := fmt.Sprintf("### HLL SKETCH SUMMARY: \n  Log Config K   : %d\n  Hll Target     : %v\n  Current Mode   : %s\n  Memory         : false\n"+
		"  LB             : %s\n  Estimate       : %s\n  UB             : %s\n  OutOfOrder Flag: %v\n",
		h.lgK, h.typ, mode, javaDouble(low), javaDouble(h.Estimate()), javaDouble(high), h.ooo)
	if h.mode != hllRegs {
		return s + fmt.Sprintf("  Coupon Count   : %d\n", h.count)
	}
	least, n := h.least()
	return s + fmt.Sprintf("  CurMin         : %d\n  NumAtCurMin    : %d\n  HipAccum       : %s\n  KxQ0           : %s\n  KxQ1           : %s\n  Rebuild KxQ Flg: false\n",
		least, n, javaDouble(h.hip), javaDouble(h.inverse[0]), javaDouble(h.inverse[1]))
}

// least is the value that the 4-bit packing counts from, and how many registers
// have it; other packings count from 0.
func (h *HLL) least() (value byte, n int) {
	if h.typ == HLL4 {
		value = slices.Min(h.regs)
	}
	for _, r := range h.regs {
		if r == value {
			n++
		}
	}
	return value, n
}
