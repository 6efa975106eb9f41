package esn

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"

	"elegans/data/atomicfile"
	"elegans/data/safetensors"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Format and Version are what the metadata of a saved network say, as "format" and "version". A
// program reads its own version and those before.
const (
	Format  = "elegans.esn"
	Version = 1
)

// savedNetwork is the JSON text under "network" in the metadata of a file.
type savedNetwork struct {
	Config    Config          `json:"config"`
	Readout   json.RawMessage `json:"readout"`
	Inputs    int             `json:"inputs"`
	Outputs   int             `json:"outputs"`
	Fitted    bool            `json:"fitted"`
	Sequences uint64          `json:"sequences"` // that were fitted to
	Steps     int             `json:"steps"`     // of the stream
	Notes     json.RawMessage `json:"notes,omitempty"`
}

// Save writes the network, with all that its readout has learnt, to one safetensors file. It
// replaces a file of that name as a whole or not at all.
//
// The metadata hold the strings format, version and network, a JSON object with the Config, the
// kind and options of the readout, the numbers of inputs and outputs and the Notes, and a checksum.
// The arrays of layer l, in the type of the states, are
//
//	layers.l.w.row_ptr [N+1], .col, .val    W as compressed rows, or
//	layers.l.w [N, N]                       W if it is dense
//	layers.l.input [N, K]                   Win, of higher layers from the one below
//	layers.l.skip [N, K]                    Win of a higher layer that hears the input too
//	layers.l.bias [N], layers.l.leak [1] or [N]
//	layers.l.feedback [N, M]                Wfb
//	readout.columns                         the states that it sees, unless it sees all
//	readout.NAME                            what it has learnt, in float64: weight [F, M], ...
//
// Those that a network does not have are left out. In Python:
//
//	with safetensors.safe_open("worm.safetensors", "numpy") as f:
//	    network = json.loads(f.metadata()["network"])
//	    weight = f.get_tensor("readout.weight")
//	    parts = [f.get_tensor("layers.0.w." + part) for part in ("val", "col", "row_ptr")]
//	    w = scipy.sparse.csr_array(tuple(parts))
func (n *Network[T]) Save(path string) error { return save(path, n.Encode) }

// Encode writes what Save does.
func (n *Network[T]) Encode(w io.Writer) error { return n.encode(w, nil) }

// Save writes the network and the state of the stream to one file, from which LoadStream goes on
// with the same bits. The file is one that Load reads too; beside the arrays of a network it holds
// stream.neurons [N], stream.output [M], if there was a step stream.features [F] and, of an NVAR,
// stream.inputs [L, K], the newest first.
func (s *Stream[T]) Save(path string) error { return save(path, s.Encode) }

// Encode writes what Save does.
func (s *Stream[T]) Encode(w io.Writer) error { return s.net.encode(w, s) }

func save(path string, encode func(io.Writer) error) error {
	if err := atomicfile.Write(path, encode); err != nil {
		return fmt.Errorf("%s: %w", quote.Name(path), err)
	}
	return nil
}

// encode writes the network and, unless it is nil, the state of a stream.
func (n *Network[T]) encode(w io.Writer, s *Stream[T]) error {
	readout, err := EncodeReadout(n.readout)
	if err != nil {
		return err
	}
	head := savedNetwork{Config: n.config, Readout: readout, Inputs: n.inputs, Outputs: n.outputs, Fitted: n.fitted, Sequences: n.sequences, Notes: n.Notes}
	own := map[string]*tensor.Tensor[T]{}
	wide := map[string]*tensor.Tensor[float64]{}
	arrays := map[string]safetensors.Array{}
	for l, r := range n.deep.Layers {
		name := func(s string) string { return fmt.Sprintf("layers.%d.%s", l, s) }
		if m := r.W.Sparse; m != nil {
			arrays[name("w.row_ptr")] = safetensors.Ints(wider(m.RowPtr), len(m.RowPtr))
			arrays[name("w.col")] = safetensors.Ints(wider(m.Col), len(m.Col))
			own[name("w.val")] = tensor.FromSlice(m.Val, len(m.Val))
		} else {
			own[name("w")] = r.W.Dense
		}
		own[name("input")], own[name("bias")], own[name("leak")], own[name("feedback")] = r.Input, r.Bias, r.Leak, r.Feedback
		if l > 0 && l <= len(n.deep.Skip) {
			own[name("skip")] = n.deep.Skip[l-1]
		}
	}
	if n.reads != nil {
		list := make([]int64, len(n.reads))
		for i, v := range n.reads {
			list[i] = int64(v)
		}
		arrays["readout.columns"] = safetensors.Ints(list, len(list))
	}
	for name, a := range n.readout.Arrays() {
		wide["readout."+name] = a
	}
	if s != nil {
		head.Steps = s.steps
		own["stream.neurons"] = tensor.FromSlice(s.states, len(s.states))
		if s.nvar != nil {
			wide["stream.inputs"] = tensor.FromSlice(s.nvar.past, len(s.nvar.past)/max(1, n.inputs), n.inputs)
		}
		wide["stream.output"] = tensor.FromSlice(s.y.Data()[:n.outputs], n.outputs)
		if s.stepped {
			wide["stream.features"] = tensor.FromSlice(s.features.Data()[:n.Features()], n.Features())
		}
	}
	if err := addArrays(arrays, own); err != nil {
		return err
	}
	if err := addArrays(arrays, wide); err != nil {
		return err
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	return safetensors.Encode(w, arrays, safetensors.WithChecksum(arrays, map[string]string{
		"format": Format, "version": strconv.Itoa(Version), "network": string(text),
	}))
}

// addArrays adds those that are there, and refuses numbers that Load would refuse.
func addArrays[T tensor.Float](arrays map[string]safetensors.Array, list map[string]*tensor.Tensor[T]) error {
	for _, name := range slices.Sorted(maps.Keys(list)) {
		if list[name] == nil {
			continue
		}
		t := list[name].Contiguous()
		if err := finiteArray(name, t); err != nil {
			return fmt.Errorf("esn: %w", err)
		}
		arrays[name] = safetensors.Of(t)
	}
	return nil
}

func finiteArray[T tensor.Float](name string, t *tensor.Tensor[T]) error {
	for i, v := range t.Data() {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("array %s: number %d is %v, expected a finite number", name, i, v)
		}
	}
	return nil
}

func wider(list []int32) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

// Load reads a network that Save wrote, whole or with a stream. A T other than that of the file is
// allowed: the weights are converted, and outputs differ by the rounding of states. A file that is
// damaged, newer than this program or not of a network is refused in one line.
func Load[T tensor.Float](path string) (*Network[T], error) {
	s, err := LoadStream[T](path)
	if err != nil {
		return nil, err
	}
	return s.net, nil
}

// LoadStream reads a network and the stream that Stream.Save wrote with it. From a file of a
// network alone it returns a stream in the zero state.
func LoadStream[T tensor.Float](path string) (*Stream[T], error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decode[T](f, path)
}

// Decode reads what Encode wrote: size bytes. The name stands for it in errors.
func Decode[T tensor.Float](r io.ReaderAt, size int64, name string) (*Stream[T], error) {
	f, err := safetensors.Read(r, size, name)
	if err != nil {
		return nil, err
	}
	return decode[T](f, name)
}

func decode[T tensor.Float](f *safetensors.File, name string) (*Stream[T], error) {
	s, err := (&loader[T]{file: f, seen: map[string]bool{}}).load()
	var format *safetensors.FormatError // names the file itself
	if err != nil && !errors.As(err, &format) {
		return nil, fmt.Errorf("%s: %w", quote.Name(name), err)
	}
	return s, err
}
