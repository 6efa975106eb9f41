//go:build race

package cli

// raceDetector says that the tests run under the race detector, which maps more address space than
// a limit leaves.
const raceDetector = true
