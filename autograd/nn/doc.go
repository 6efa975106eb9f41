// Package nn holds layers: plain structs of parameters with a Forward method.
//
// A parameter is named by its path through the structs, as in "encoder.conv1.weight". Layouts are
// PyTorch's: images [N, C, H, W], sequences [N, L, D], linear weights [out, in], convolution
// weights [out, in/groups, kh, kw]; the default initialisers are PyTorch's too, drawn from a
// tensor.Key.
package nn
