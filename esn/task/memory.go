package task

import "elegans/tensor"

// memoryLags is the longest delay of the task memory.
const memoryLags = 200

func init() {
	Register(Task{
		Name: "memory", Doc: "linear short-term memory: give back the input of 1 to 200 steps ago (H. Jaeger, GMD report 152, 2001)",
		Kind: Regression, Inputs: 1, Outputs: memoryLags, Metric: MemoryCapacity,
		Alignment: "column k-1 of row t is the input at t-k, independent and uniform in [-1, 1]",
		Recipe:    recipe{neurons: 100, degree: 5, scale: .9948, input: .0003921, bias: 0, leak: 1, penalty: 4.4e-13}.make,
		Make: func(o Options) (Problem, error) {
			l := lengths{washout: memoryLags, train: 10000, validate: 5000, test: 10000}
			u := tensor.Uniform[float64](tensor.NewKey(o.Seed, "task.memory"), -1, 1, l.total(), 1)
			y := tensor.New[float64](l.total(), memoryLags)
			for t := range l.total() {
				for k := 1; k <= min(t, memoryLags); k++ {
					y.Set(u.At(t-k, 0), t, k-1)
				}
			}
			return l.regression(u, y), nil
		},
	})
}
