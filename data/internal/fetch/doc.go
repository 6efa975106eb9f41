// Package fetch downloads files whose checksums are known in advance. A broken connection is
// resumed where it broke, a mirror that fails is followed by the next, and a file appears under its
// name only when its checksum is right. Only Get touches the network.
package fetch
