//go:build amd64 && !purego

package kernel

//lint:file-ignore U1000 the table is read by the assembly only

import "math"

// Byte offsets of the constants in vectorTable; the assembly names them const_kOne(R8) and so on.
// The bits of the first four serve both element types.
const (
	// 32 bytes of ones, then 32 of zeros: a window of it selects the first elements of a 32-byte
	// vector
	kMask = 64 * iota
	kZero
	kSign
	kMagnitude
	kOne
	kTwo
	kHalf
	kMinusOne
	kInf
	kMinusInf
	kLowest
	kLog2e
	kLn2Hi
	kLn2Lo
	kExp2
	kExp3
	kExp4
	kExp5
	kExp6
	kExp7
	kExp8
	kExp9
	kExp10
	kExp11
	kExpMin
	kExpMax
	kExpm1Min
	kTanhMax
	kTanhGrid
	kTanhSmall
	kTanh0
	kTanh1
	kTanh2
	kTanh3
	kTanh4
	kLogisticMin
	kLogisticMax
	// the integer 127 in float32
	k127
	// 3*2^51 + 1023 in float64
	kBias
	kPartMin
	kFine2
	kFine3
	kFine4
	kFine5
	kFine6
	kRest2
	kRest3
	kRest4
	kRest5
	kRest6
	kRest7
	kGrid
	kRoots
	_
	kShifts
	_
	kExactRoots
	_
	kMinusRoots
	_
	kMinusShifts
	_
	kGeluA
	kGeluB
	kGelu3B
	kGeluMin
	kGeluMax
	kGradMin
	kGradMax
	kRootHalf
	kInvRoot2Pi
	kErfMin
	kErfMax
	kGaussGrid
	kNormalEnd
	_
	kErf20
	kErf21
	kErf31
	kErf40
	kErf41
	kErf42
	kGeluE1
	kGeluE2
	kGeluE3
	kGeluE4
	kGeluE5
	kGeluF0
	kGeluF1
	kGeluF2
	kGeluF3
	kGeluG0
	kGeluG1
	kInverse6
	kInverse24
	kInverse120
	kErfP0
	kErfP1
	kErfP2
	kErfP3
	kErfP4
	kErfP5
	kErfQ1
	kErfQ2
	kErfQ3
	kErfQ4
	kErfQ5
	kSeluScale
	kSeluAlphaScale
	tableBytes
)

// vectorTable and vectorTable64 hold the constants of the float32 and float64 kernels, each
// repeated over the widest vector.
var (
	vectorTable   = makeTable32()
	vectorTable64 = makeTable64()
)

func makeTable32() (t [tableBytes / 64][16]float32) {
	for i := range 8 {
		t[kMask/64][i] = math.Float32frombits(math.MaxUint32)
	}
	for offset, v := range map[int]float64{
		kOne: 1, kTwo: 2, kHalf: 0.5, kMinusOne: -1, kInf: math.Inf(1), kMinusInf: math.Inf(-1), kLowest: -math.MaxFloat32,

		kLog2e: math.Log2E, kLn2Hi: 0x1.62e4p-1, kLn2Lo: math.Ln2 - 0x1.62e4p-1,
		// Minimax fit of (e^r-1-r)/r^2 on |r| <= ln2/2.
		kExp2: 0.50000000272590755, kExp3: 0.16666576285945395, kExp4: 0.041666372910962263, kExp5: 0.0083632949353972843, kExp6: 0.0013941322918313855,
		kExpMin: -104, kExpMax: 89, kExpm1Min: -25, kLogisticMin: -121, kLogisticMax: 25,

		// Minimax fit of (tanh(x)/x-1)/z, z = x*x, on |x| <= 0.56.
		kTanhMax: 9.1, kTanhSmall: 0.55,
		kTanh0: -0.33333331852449886, kTanh1: 0.1333309136342106, kTanh2: -0.053904794411973975, kTanh3: 0.021280110019203847, kTanh4: -0.006554257481375119,

		kGeluA: 2 * geluRoot, kGeluB: 2 * geluRoot * geluCube, kGelu3B: 6 * geluRoot * geluCube, kGeluMin: -30, kGeluMax: 30, kGradMin: -110, kGradMax: 110,
		kRootHalf: math.Sqrt2 / 2, kInvRoot2Pi: geluRoot / 2,

		// Relative minimax fit of erf(x)/x by P(x^2)/Q(x^2) on |x| <= 3.92, error 1.9e-8.
		kErfMin: -3.917118549346924, kErfMax: 3.917118549346924, // where the rounded quotient is 1
		kErfP0: 1.1283791461283008, kErfP1: 0.1904076373550428, kErfP2: 0.05274888533625089,
		kErfP3: 0.0037656688499647308, kErfP4: 0.0002848841379827973, kErfP5: 2.0500814715965538e-06,
		kErfQ1: 0.5020771157463162, kErfQ2: 0.11410960211768496, kErfQ3: 0.014969320799213518, kErfQ4: 0.0011625485330322336, kErfQ5: 3.8091729017785895e-05,

		kSeluScale: SELUScale, kSeluAlphaScale: SELUAlpha * SELUScale,
	} {
		for i := range 16 {
			t[offset/64][i] = float32(v)
		}
	}
	for i := range 16 {
		t[kSign/64][i] = math.Float32frombits(1 << 31)
		t[kMagnitude/64][i] = math.Float32frombits(1<<31 - 1)
		t[k127/64][i] = math.Float32frombits(127)
		t[kPartMin/64][i] = math.Float32frombits(1<<32 - 100)
	}
	return t
}

func makeTable64() (t [tableBytes / 64][8]float64) {
	for i := range 4 {
		t[kMask/64][i] = math.Float64frombits(math.MaxUint64)
	}
	for offset, v := range map[int]float64{
		kOne: 1, kHalf: 0.5, kInf: math.Inf(1), kMinusInf: math.Inf(-1),

		kLog2e: math.Log2E, kLn2Hi: 0x1.62e42feep-1, kLn2Lo: math.Ln2 - 0x1.62e42feep-1,
		// Minimax fit of (e^r-1-r)/r^2 on |r| <= ln2/2.
		kExp2: 0.50000000000000055441, kExp3: 0.16666666666666686061, kExp4: 0.041666666666573696556, kExp5: 0.0083333333333145621279,
		kExp6: 0.0013888888932354330708, kExp7: 0.00019841269903076695908, kExp8: 0.000024801504476812098553, kExp9: 2.7557227925267621573e-6, kExp10: 2.7626313680694573376e-7, kExp11: 2.5114478946691045783e-8,
		// The same on |r| <= ln2/32.
		kFine2: 0.49999999999999607439, kFine3: 0.16666666664417831082, kFine4: 0.041666666693072206268,
		kFine5: 0.008333471924803642387, kFine6: 0.0013888596465061286234, kGrid: 3 << 47,
		// The same for the smallest error of e^r-1.
		kRest2: 0.5000000000000002799, kRest3: 0.16666666666666675649, kRest4: 0.041666666661891088007,
		kRest5: 0.0083333333324135805157, kRest6: 0.0013889092506354651531, kRest7: 0.00019841554364492582036,
		kExpMin: -746, kExpMax: 710, kExpm1Min: -40, kLogisticMin: -760, kLogisticMax: 40,
		kBias: 3<<51 + 1023, kPartMin: -900,

		// See vector_points_f64.h; the fit is a minimax one of (tanh(d)/d-1)/z, z = d*d, on |d| <=
		// 1/256.
		kTanhMax: 19.1, kTanhGrid: (3 << 51) / 128, kTanh0: -0.33333333333176266013, kTanh1: 0.13333250984758533791,
		kErfMax: 6, kGaussGrid: (3 << 51) * gaussStep, kNormalEnd: normalEnd, kNormalEnd + 64: -normalEnd,
		kGeluE1: geluE1, kGeluE2: geluE2, kGeluE3: geluE3, kGeluE4: geluE4, kGeluE5: geluE5,
		kGeluF0: geluF0, kGeluF1: geluF1, kGeluF2: geluF2, kGeluF3: geluF3, kGeluG0: geluG0, kGeluG1: geluG1,
		kInverse6: 1. / 6, kInverse24: 1. / 24, kInverse120: 1. / 120,
		kErf20: -1. / 3, kErf21: 2. / 3, kErf31: -1. / 3, kErf40: 1. / 10, kErf41: -2. / 5, kErf42: 2. / 15,

		kGeluA: 2 * geluRoot, kGeluB: 2 * geluRoot * geluCube, kGeluMin: -25,
		kSeluScale: SELUScale, kSeluAlphaScale: SELUAlpha * SELUScale,
	} {
		for i := range 8 {
			t[offset/64][i] = v
		}
	}
	t[kMinusRoots/64][0] = 1
	for j, root := range expRoots {
		t[kExactRoots/64+j/8][j%8] = root.exact
		t[kRoots/64+j/8][j%8], t[kShifts/64+j/8][j%8] = root.value, root.shift
		minus := 16 - j // 2^(-j/16) is half of root 16-j
		t[kMinusRoots/64+minus%16/8][minus%8], t[kMinusShifts/64+minus%16/8][minus%8] = root.value/2, root.shift
	}
	t[kMinusRoots/64][0] = 1
	for i := range 8 {
		t[kSign/64][i] = math.Float64frombits(1 << 63)
		t[kMagnitude/64][i] = math.Float64frombits(1<<63 - 1)
	}
	return t
}

// expRoots holds 2^(j/16), rounded to 53 bits and to 30, and ln(2^(j/16)/value) for the latter.
var expRoots = [16]struct{ exact, value, shift float64 }{
	{1.0, 1.0, 0.0},
	{1.0442737824274138, 1.0442737825214863, -9.008407910400449e-11},
	{1.0905077326652577, 1.0905077327042818, -3.578530125844668e-11},
	{1.1387886347566916, 1.1387886349111795, -1.3565984425213542e-10},
	{1.189207115002721, 1.1892071152105927, -1.7479855054388545e-10},
	{1.241857812073484, 1.2418578118085861, 2.1330777601195007e-10},
	{1.2968395546510096, 1.2968395547941327, -1.1036295357295574e-10},
	{1.3542555469368927, 1.3542555468156934, 8.949518436833073e-11},
	{1.4142135623730951, 1.4142135623842478, -7.886171750286477e-12},
	{1.4768261459394993, 1.4768261462450027, -2.0686486083923942e-10},
	{1.5422108254079407, 1.5422108257189393, -2.016575656093536e-10},
	{1.6104903319492543, 1.6104903323575854, -2.5354459683080183e-10},
	{1.681792830507429, 1.6817928301170468, 2.3212267646036007e-10},
	{1.7562521603732995, 1.756252160295844, 4.410266748565324e-11},
	{1.8340080864093424, 1.8340080864727497, -3.457304635933667e-11},
	{1.9152065613971474, 1.9152065617963672, -2.084474241885755e-10},
}
