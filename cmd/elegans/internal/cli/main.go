package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"elegans/tensor"
)

// cli is the command line.
type cli struct {
	Device  string `help:"What computes: cpu, or cuda for a GPU (cuda:1 for the second one), which needs the program elegans-cuda." default:"cpu" placeholder:"NAME"`
	Staged  bool   `help:"With --device: copy the operands of every operation there and back. Commands that check always do; it is slow, and nothing that a device forgets goes unseen."`
	Workers *int   `help:"Goroutines that share the work (default: one a processor, or ELEGANS_WORKERS). Results do not depend on it." placeholder:"N"`

	Compare        compareCmd        `cmd:"" default:"withargs" help:"The main job, also run without a command: the worm against its controls on the embedded digits."`
	Train          trainCmd          `cmd:"" help:"Train a model."`
	Eval           evalCmd           `cmd:"" help:"Evaluate a checkpoint on a test set."`
	Predict        predictCmd        `cmd:"" help:"Classify image files with a checkpoint, or reconstruct them."`
	Esn            esnCmd            `cmd:"" help:"Echo-state networks: reservoirs, the worm among them, on tasks and series."`
	Inspect        inspectCmd        `cmd:"" help:"Look into the layers of a model at work: sizes, cost, activations, gradients, attention."`
	Connectome     connectomeCmd     `cmd:"" help:"Show, convert and draw connectomes."`
	Gradcheck      gradcheckCmd      `cmd:"" help:"Compare the gradients of every operation and layer with central differences."`
	Crosscheck     crosscheckCmd     `cmd:"" help:"Compare the engine with recorded values of a reference implementation."`
	CompareDevices compareDevicesCmd `cmd:"" help:"Compare a model on a device with the processor, tensor by tensor."`
	Bench          benchCmd          `cmd:"" help:"Measure the speed of kernels, training steps and connectome networks."`
	Version        versionCmd        `cmd:"" help:"Show kernels, processor features, workers and versions."`
}

// environment is what a command may touch.
type environment struct {
	ctx context.Context // ends at the first signal, see listen
	// stop makes the next signal end the program at once: for commands that leave nothing half
	// written.
	stop           func()
	stdout, stderr io.Writer
	args           []string
	open           OpenDevice // nil if none is known
	device         string     // "cpu", "cuda", "cuda:1"
	staged         bool
	// fits says that the sizes in use are no longer in question: the user gives none, or a step
	// was made with them. A *tensor.ShapeError is then our own fault.
	fits bool
}

const description = `Networks wired like the worm C. elegans, trained and compared with controls, in pure Go.

Without a command it runs the main job: "elegans compare", about a minute on two cores.

Examples:
  elegans                                    run the main job, write elegans-report/index.html
  elegans train --data mnist --data-dir mnist-files
  elegans eval runs/worm-digits/last.safetensors
  elegans connectome draw canonical worm.svg`

// Main is the program: it ends the process. open is nil in the program that knows no device.
func Main(open OpenDevice) {
	if code, ok := superviseLimited(); ok {
		os.Exit(code)
	}
	ctx, stop := listen()
	os.Exit(run(environment{ctx: ctx, stop: stop, stdout: os.Stdout, stderr: os.Stderr, args: os.Args[1:], open: open}))
}

// run executes a command line and returns the exit code.
func run(env environment) int {
	return guard(&env, func() error { return execute(&env) })
}

// execute parses a command line and runs its command.
func execute(env *environment) error {
	if err := tensor.EnvError(); err != nil {
		return bad(err)
	}
	var c cli
	c.Train.Options = newModelOptions()
	exited := false
	parser, err := kong.New(&c, kong.Name("elegans"), kong.Description(description),
		kong.Writers(env.stdout, env.stderr), kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}), kong.Vars(vars()))
	if err != nil {
		return err
	}
	ctx, err := parser.Parse(env.args)
	if exited { // --help was shown
		return nil
	}
	if err != nil {
		return bad(err)
	}
	if c.Workers != nil {
		if *c.Workers < 1 || *c.Workers > 256 {
			return badf("--workers %d: expected 1 to 256", *c.Workers)
		}
		tensor.SetWorkers(*c.Workers)
	}
	if c.Staged && c.Device == "cpu" {
		return badf("--staged says how a device gets its operands: expected --device cuda with it")
	}
	if err := checkTexts(ctx); err != nil {
		return bad(err)
	}
	command := strings.Fields(ctx.Command())[0]
	env.fits = slices.Contains(withoutSizes, command)
	out := &results{w: env.stdout}
	env.stdout = out
	env.device, env.staged = c.Device, c.Staged || slices.Contains(checking, command)
	if command == "compare-devices" { // which uses the processor first
		err = ctx.Run(env)
	} else {
		err = env.onDevice(func() error { return ctx.Run(env) })
	}
	if err == nil && out.err != nil {
		err = fmt.Errorf("standard output: %w", out.err)
	}
	return err
}

// withoutSizes are the commands that no user gives sizes of tensors.
var withoutSizes = []string{"connectome", "gradcheck", "version"}

// checking are the commands for which a device keeps nothing in its memory between operations.
var checking = []string{"crosscheck", "gradcheck"}

// results remembers the first error of standard output, so that tables that were lost on the way to
// a full disk do not count as success.
type results struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (r *results) Write(p []byte) (int, error) {
	n, err := r.w.Write(p)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// checkTexts refuses options with an empty text, which a script gives whose variable is not set;
// only a title may be empty.
func checkTexts(ctx *kong.Context) error {
	for _, f := range ctx.Flags() {
		v := f.Target
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if f.Set && v.Kind() == reflect.String && v.Len() == 0 && f.Name != "title" {
			return fmt.Errorf("--%s: found nothing, expected %s", f.Name, f.FormatPlaceHolder())
		}
	}
	return nil
}

// notAFile refuses the name of a file for a folder.
func notAFile(flag, dir string) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return badf("%s %s: found a file, expected a folder or a new name", flag, dir)
	}
	return nil
}

// makeDir makes a folder for results unless it is there.
func makeDir(flag, dir string) error {
	if err := notAFile(flag, dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return badf("%s %s: %w", flag, dir, err)
	}
	return nil
}
