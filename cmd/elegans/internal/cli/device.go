package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// OpenDevice makes the CUDA device of the given number compute for package tensor, until it is
// closed. Staged asks it to copy the operands of every operation there and back.
type OpenDevice func(ordinal int, staged bool) (shut func() error, err error)

// cudaProgram is the program that knows CUDA devices; the module in cmd/elegans/cuda builds it.
const cudaProgram = "elegans-cuda"

// onDevice calls f while the device that the command line names computes. A program that does not
// know it becomes one that does.
func (env *environment) onDevice(f func() error) (err error) {
	if env.device == "cpu" {
		return f()
	}
	ordinal, err := ordinalOf(env.device)
	if err != nil {
		return err
	}
	if env.open == nil {
		return becomeCUDA(env.device, env.args)
	}
	shut, err := env.open(ordinal, env.staged)
	if err != nil {
		return fmt.Errorf("--device %s: %w", env.device, err)
	}
	defer func() { err = errors.Join(err, shut()) }()
	return f()
}

// program is how a command line begins that computes where this one does.
func (env *environment) program() string {
	name := "elegans"
	if env.device != "cpu" {
		name += " --device " + env.device
	}
	if env.staged {
		name += " --staged"
	}
	return name
}

// ordinalOf returns the number of the CUDA device that is called cuda or cuda:NUMBER.
func ordinalOf(name string) (int, error) {
	if name == "cuda" {
		return 0, nil
	}
	number, ok := strings.CutPrefix(name, "cuda:")
	if n, err := strconv.ParseUint(number, 10, 31); ok && err == nil { // which takes no sign
		return int(n), nil
	}
	return 0, badf("--device %s: expected cpu, cuda or cuda:NUMBER", name)
}

// becomeCUDA runs the command line in elegans-cuda, which lies on the path or beside this program.
func becomeCUDA(name string, args []string) error {
	program, err := exec.LookPath(cudaProgram)
	if err != nil {
		return badf("--device %s: the program %s is not on the path; build it where the source lies: cd cmd/elegans/cuda && go build -o FOLDER/%s .", name, cudaProgram, cudaProgram)
	}
	if err := replace(program, append([]string{cudaProgram}, args...), os.Environ()); err != nil {
		return fmt.Errorf("--device %s: %s: %w", name, program, err)
	}
	return nil
}
