package esn_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/data/safetensors"
	"elegans/esn"
	"elegans/tensor"
)

// readouts are all kinds, with options that are not the defaults.
var readouts = map[string]func() esn.Readout{
	"ridge":     func() esn.Readout { return &esn.RidgeReadout{Penalty: 1e-6, Intercept: "penalised"} },
	"rls":       func() esn.Readout { return &esn.RLSReadout{Alpha: .1, Forgetting: .999} },
	"rls plain": func() esn.Readout { return &esn.RLSReadout{Alpha: 1, Forgetting: 1, NoConstant: true} },
	"lms":       func() esn.Readout { return &esn.LMSReadout{Rate: .01} },
	"lms plain": func() esn.Readout { return &esn.LMSReadout{Rate: .02, NoConstant: true} },
}

// TestSavedStreamGoesOn stops streams of all networks and readouts in the middle, saves and loads
// them, and goes on, learning where the readout learns online: with the same bits as a stream that
// was not stopped.
func TestSavedStreamGoesOn(t *testing.T) {
	for name := range configs {
		for kind := range readouts {
			if kind != "ridge" && name != "random" && name != "deep and wide" && name != "feedback" && name != "worm" {
				continue
			}
			t.Run(name+"/"+kind, func(t *testing.T) {
				goesOn[float64](t, name, kind)
				goesOn[float32](t, name, kind)
			})
		}
	}
}

func goesOn[T tensor.Float](t *testing.T, name, kind string) {
	c, inputs, outputs := configOf(name)
	n, err := esn.NewNetwork[T](c, inputs, outputs, readouts[kind]())
	check(err)
	check(n.Fit([]esn.Sequence{sequence(150, inputs, outputs, 1)}))
	path := filepath.Join(t.TempDir(), "net.safetensors")
	s, work := n.Stream(), sequence(60, inputs, outputs, 2)
	_, online := n.Readout().(esn.OnlineReadout)
	run := func(s *esn.Stream[T], lo, hi int) (out []float64) {
		for i := lo; i < hi; i++ {
			if online && i%3 == 1 { // the target of the step before comes late
				check(s.Learn(work.Target.Data()[(i-1)*outputs : i*outputs]))
			}
			y, err := s.Step(work.Input.Data()[i*inputs : (i+1)*inputs])
			check(err)
			out = append(out, y...)
			if online && i%3 != 0 {
				check(s.Learn(work.Target.Data()[i*outputs : (i+1)*outputs]))
			}
		}
		return out
	}
	run(s, 0, 25)
	n.Notes = json.RawMessage(`{"unit":"mV"}`)
	check(s.Save(path))
	want := run(s, 25, 60)
	again, err := esn.LoadStream[T](path)
	check(err)
	if notes := again.Network().Notes; string(notes) != string(n.Notes) {
		t.Errorf("notes %s, want %s", notes, n.Notes)
	}
	if got := run(again, 25, 60); !slices.Equal(got, want) {
		t.Error("a stream that was loaded goes on otherwise")
	}
	if again.State().Steps != 60 {
		t.Errorf("%d steps, want 60", again.State().Steps)
	}

	// The whole network, with more sequences after it.
	check(n.Save(path))
	loaded, err := esn.Load[T](path)
	check(err)
	more := []esn.Sequence{sequence(40, inputs, outputs, 3)}
	check(n.FitMore(more))
	check(loaded.FitMore(more))
	u := sequence(30, inputs, outputs, 4).Input
	want1, err := n.Predict(u)
	check(err)
	got1, err := loaded.Predict(u)
	check(err)
	if !slices.Equal(got1.Data(), want1.Data()) {
		t.Error("a network that was loaded learns otherwise")
	}
	var a, b bytes.Buffer
	check(n.Encode(&a))
	check(loaded.Encode(&b))
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the loaded network is written otherwise")
	}
}

// TestLoadOtherType reads a float64 network into float32 and back.
func TestLoadOtherType(t *testing.T) {
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, nil)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(300, 1, 1, 1)}))
	path := filepath.Join(t.TempDir(), "net.safetensors")
	check(n.Save(path))
	narrow, err := esn.Load[float32](path)
	check(err)
	u := sequence(50, 1, 1, 2).Input
	want, err := n.Predict(u)
	check(err)
	got, err := narrow.Predict(u)
	check(err)
	for i, v := range got.Data() {
		if math.Abs(v-want.Data()[i]) > .01 {
			t.Fatalf("row %d: %v in float32, %v in float64", i, v, want.Data()[i])
		}
	}
}

// rewrite changes the arrays and metadata of a file and gives it a new checksum.
func rewrite(b []byte, change func(arrays map[string]safetensors.Array, meta map[string]string)) []byte {
	f, err := safetensors.Read(bytes.NewReader(b), int64(len(b)), "x")
	check(err)
	arrays, meta := map[string]safetensors.Array{}, f.Metadata()
	for _, name := range f.Names() {
		info, err := f.Info(name)
		check(err)
		if info.Dtype == safetensors.I64 {
			list, err := f.Int64s(name)
			check(err)
			arrays[name] = safetensors.Ints(list, info.Shape...)
			continue
		}
		a, err := safetensors.Get[float64](f, name)
		check(err)
		arrays[name] = safetensors.Of(a)
	}
	change(arrays, meta)
	var out bytes.Buffer
	check(safetensors.Encode(&out, arrays, safetensors.WithChecksum(arrays, meta)))
	return out.Bytes()
}

func encoded() []byte {
	c, _, _ := configOf("deep and wide")
	n, err := esn.NewNetwork[float64](c, 2, 1, nil)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(150, 2, 1, 1)}))
	var b bytes.Buffer
	check(n.Stream().Encode(&b))
	return b.Bytes()
}

// TestLoadFaults refuses every kind of fault in one line that names the file.
func TestLoadFaults(t *testing.T) {
	good := encoded()
	of := func(v ...float64) safetensors.Array { return safetensors.Of(tensor.FromSlice(v, len(v))) }
	replace := func(key, old, new string) func(map[string]safetensors.Array, map[string]string) {
		return func(_ map[string]safetensors.Array, meta map[string]string) {
			if !strings.Contains(meta[key], old) {
				t.Fatalf("%q is not in %q", old, meta[key])
			}
			meta[key] = strings.Replace(meta[key], old, new, 1)
		}
	}
	array := func(name string, a safetensors.Array) func(map[string]safetensors.Array, map[string]string) {
		return func(arrays map[string]safetensors.Array, _ map[string]string) { arrays[name] = a }
	}
	without := func(name string) func(map[string]safetensors.Array, map[string]string) {
		return func(arrays map[string]safetensors.Array, _ map[string]string) { delete(arrays, name) }
	}
	for _, k := range []struct {
		change func(arrays map[string]safetensors.Array, meta map[string]string)
		want   string
	}{
		{replace("format", "elegans.esn", "other"), `metadata "format" "other", expected "elegans.esn": not a saved echo-state network`},
		{replace("version", "1", "2"), "version 2, expected at most 1: it was written by a newer program"},
		{replace("version", "1", "x"), `metadata "version" "x", expected a number from 1`},
		{replace("network", `"seed":1`, `"sead":1`), `metadata "network": json: unknown field "sead"`},
		{replace("network", `"outputs":1`, `"outputs":0`), "2 inputs, 0 outputs"},
		{replace("network", `"outputs":1`, `"outputs":2`), "array bias of a ridge readout of shape [1], expected [2]"},
		{replace("network", `"outputs":1`, `"outputs":9223372036854775807`), "memory"},
		{replace("network", `"inputs":2`, `"inputs":3`), "array layers.0.input of shape [45 2], expected [45 3]"},
		{replace("network", `"layers":2`, `"layers":3`), "layers.2.w.row_ptr"},
		{replace("network", `"layers":2`, `"layers":1`), "readout.columns: number 0 is 45, expected 0 to 44"},
		{replace("network", `"scale":0.9,"leak":1`, `"scale":-1,"leak":3`), "esn: scale -1, expected a finite number of at least 0; esn: leak 3, expected"},
		{replace("network", `"kind":"ridge"`, `"kind":"forest"`), `readout "forest", expected one of`},
		{replace("network", `"penalty"`, `"penality"`), `readout ridge: json: unknown field "penality"`},
		{replace("network", `{"config"`, `["config"`), `metadata "network"`},
		{without("layers.1.w.val"), "layers.1.w.val"},
		{without("layers.1.skip"), "layers.1.skip"},
		{without("readout.weight"), "a ridge readout without the array weight"},
		{without("stream.output"), "stream.output"},
		{array("other", of(1)), `array "other", expected none of that name in this network`},
		{array("readout.other", of(1)), `array "other" of a ridge readout, expected none of that name`},
		{array("readout.bias", of(math.NaN())), "array readout.bias: number 0 is NaN, expected a finite number"},
		{array("readout.rows", of(.5)), "a ridge readout fitted to 0.5 rows, expected a whole number"},
		{array("layers.0.bias", of(1, 2)), "array layers.0.bias of shape [2], expected [45]"},
		{array("layers.0.w.row_ptr", safetensors.Ints([]int64{0, 7}, 2)), "array layers.0.w.col: number"},
		{array("layers.0.w.row_ptr", safetensors.Ints([]int64{}, 0)), "layers.0.w"},
		{array("layers.0.w", of(1, 2)), "array layers.0.w of shape [2], expected a square matrix"},
		{array("stream.neurons", of(1, 2)), "array stream.neurons of shape [2], expected [90]"},
	} {
		b := rewrite(good, k.change)
		_, err := esn.Decode[float64](bytes.NewReader(b), int64(len(b)), "net.safetensors")
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.HasPrefix(err.Error(), "net.safetensors: ") || strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("error %v, want %s", err, k.want)
		}
	}
	for at := 0; at < len(good); at += 1 + len(good)/97 { // cut short
		if _, err := esn.Decode[float64](bytes.NewReader(good[:at]), int64(at), "net"); err == nil {
			t.Fatalf("the first %d of %d bytes were taken", at, len(good))
		}
	}
	for at := int(binary.LittleEndian.Uint64(good)) + 8; at < len(good); at += 1 + len(good)/97 {
		// damaged
		b := bytes.Clone(good)
		b[at] ^= 4
		if _, err := esn.Decode[float64](bytes.NewReader(b), int64(len(b)), "net"); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Fatalf("byte %d changed: %v", at, err)
		}
	}
	if _, err := esn.Load[float64](filepath.Join(t.TempDir(), "none")); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("no file: %v", err)
	}
}

// TestSaveRefuses keeps the old file when a network cannot be loaded again.
func TestSaveRefuses(t *testing.T) {
	c, _, _ := configOf("random")
	n, err := esn.NewNetwork[float64](c, 1, 1, &esn.LMSReadout{Rate: 1e6})
	check(err)
	path := filepath.Join(t.TempDir(), "net.safetensors")
	check(n.Save(path))
	before, err := os.ReadFile(path)
	check(err)
	check(n.Fit([]esn.Sequence{sequence(300, 1, 1, 1)})) // diverges
	if err := n.Save(path); err == nil || !strings.Contains(err.Error(), "expected a finite number") {
		t.Errorf("a readout that diverged was saved: %v", err)
	}
	after, err := os.ReadFile(path)
	check(err)
	if !bytes.Equal(before, after) {
		t.Error("the old file was changed")
	}
}

// FuzzLoad looks for files that make Load panic, take much memory, or return a network that cannot
// be used.
func FuzzLoad(f *testing.F) {
	good := encoded()
	f.Add(good)
	f.Add(rewrite(good, func(_ map[string]safetensors.Array, meta map[string]string) { delete(meta, "network") }))
	plain := rewrite(good, func(map[string]safetensors.Array, map[string]string) {})
	// without a sum that would stop most
	f.Add(bytes.Replace(plain, []byte(`"sha256"`), []byte(`"sha257"`), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := esn.Decode[float64](bytes.NewReader(b), int64(len(b)), "x")
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		if _, err := s.Generate(2); err == nil {
			var out bytes.Buffer
			_ = s.Encode(&out)
		}
	})
}
