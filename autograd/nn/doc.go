// Package nn holds layers: plain structs of parameters with a Forward method.
//
// A layer of one's own is such a struct too; nothing registers it. Walk finds the parameters by
// going through exported fields, and names each by its path, as in "encoder.conv1.weight".
// Checkpoints, the states of optimisers and error messages use these paths. Params, Trainable and
// Count build on Walk; none of them changes anything.
//
// Layouts are PyTorch's: images [N, C, H, W], sequences [N, L, D], linear weights [out, in],
// convolution weights [out, in/groups, kh, kw]. The default initialisers are PyTorch's too, drawn
// from a tensor.Key.
//
// A layer has no state but its parameters and buffers. So several goroutines may run one model for
// inference, each on a tape of its own that records nothing (SetNoGrad) and is not in training
// mode. One model cannot be trained by two goroutines: see package autograd.
package nn
