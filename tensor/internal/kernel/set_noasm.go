//go:build !amd64 || purego

package kernel

func available() []level { return []level{goLevel()} }
