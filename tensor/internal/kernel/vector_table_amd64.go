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
	kExpMin
	kExpMax
	kExpm1Min
	kTanhMax
	kTanhSmall
	kTanh0
	kTanh1
	kTanh2
	kTanh3
	kTanh4
	kDecayMin
	kExponentMin
	k127
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
		kExpMin: -104, kExpMax: 89, kExpm1Min: -25, kDecayMin: -121, kExponentMin: -126,

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
	}
	return t
}

func makeTable64() (t [tableBytes / 64][8]float64) {
	for i := range 4 {
		t[kMask/64][i] = math.Float64frombits(math.MaxUint64)
	}
	for i := range 8 {
		t[kOne/64][i] = 1
		t[kInf/64][i], t[kMinusInf/64][i] = math.Inf(1), math.Inf(-1)
		t[kSign/64][i] = math.Float64frombits(1 << 63)
		t[kMagnitude/64][i] = math.Float64frombits(1<<63 - 1)
	}
	return t
}
