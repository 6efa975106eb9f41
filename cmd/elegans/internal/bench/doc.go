// Package bench measures the speed of the kernels and of whole training steps.
//
// Run measures kernels, small steps and connectome networks. Every figure of it is the best of many
// runs, so that what else the machine does matters as little as possible, and carries a name such
// as "gemm/f32/784x784x784/nn". Rates of products carry their share of the peak: the rate at which
// the same cores execute multiply-add instructions and nothing else, measured in the same run.
//
// A Model is one model as it is trained, measured one quantity at a time, so that several programs
// can take turns on one machine.
package bench
