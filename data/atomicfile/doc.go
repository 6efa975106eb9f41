// Package atomicfile writes a file so that a reader, or a power cut, sees the old content or the
// new one and never a part: the bytes go to a temporary file in the same folder, which is synced
// and then renamed over the target.
package atomicfile
