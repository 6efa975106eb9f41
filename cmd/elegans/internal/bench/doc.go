// Package bench measures the speed of the kernels and of whole training steps.
//
// Every figure is the best of many runs, so that what else the machine does matters as little as possible, and carries a name such as "gemm/f32/784x784x784/nn". Rates of
// products carry their share of the peak: the rate at which the same cores execute multiply-add instructions and nothing else, measured in the same run.
package bench
