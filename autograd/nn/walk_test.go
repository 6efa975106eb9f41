package nn_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/tensor"
)

type (
	tape     = autograd.Tape[float32]
	variable = autograd.Var[float32]
)

func param() *variable { return autograd.NewParam("label", tensor.New[float32](2)) }

// paths walks a module and returns the paths of its parameters.
func paths(t *testing.T, module any) []string {
	t.Helper()
	ps, err := nn.Walk[float32](module)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, p := range ps {
		got = append(got, p.Path)
	}
	return got
}

type base struct{ Scale *variable }

type block struct {
	InProj, MHASelf *variable
	Conv2D          *variable
}

// named names its parts itself, in an order of its own.
type named struct{ A, B *variable }

func (n *named) Parts() []nn.Part {
	return []nn.Part{{Name: "second", Value: n.B}, {Name: "first", Value: n.A}, {Name: "none", Value: nil}}
}

func TestWalkNames(t *testing.T) {
	shared := param()
	for _, c := range []struct {
		name   string
		module any
		want   string
	}{
		{"nothing", nil, ""},
		{"snake case", &block{param(), param(), param()}, "in_proj mha_self conv2_d"},
		{"nil", &block{InProj: param()}, "in_proj"},
		{"function", nn.Flatten[float32](), ""},
		{"by value", block{InProj: param()}, "in_proj"},
		{"nested", &struct {
			Encoder struct{ Head *block }
			Config  struct{ Width int }
		}{Encoder: struct{ Head *block }{&block{InProj: param()}}}, "encoder.head.in_proj"},
		{"slices", &struct {
			Layers []*block
			Pair   [2]*variable
		}{[]*block{{InProj: param()}, nil, {InProj: param()}}, [2]*variable{param(), param()}}, "layers.0.in_proj layers.2.in_proj pair.0 pair.1"},
		{"map", &struct{ Heads map[string]*variable }{map[string]*variable{"b": param(), "a": param(), "c": nil}}, "heads.a heads.b"},
		{"interface", &struct{ Core any }{&block{InProj: param()}}, "core.in_proj"},
		{"embedded", &struct {
			base
			*block
			Own *variable
		}{base{param()}, &block{InProj: param()}, param()}, "scale in_proj own"},
		{"tags", &struct {
			A *variable `nn:"tn.weight"`
			B *variable `nn:"-"`
			C *block    `nn:",inline"`
			d *variable `nn:"-"`
		}{param(), param(), &block{InProj: param()}, param()}, "tn.weight in_proj"},
		{"namer", &struct{ Part named }{named{param(), param()}}, "part.second part.first"},
		{"namer that is no pointer", struct{ Part named }{named{param(), param()}}, "part.second part.first"},
		{"shared parameter", &struct{ In, Out *variable }{shared, shared}, "in"},
		{"shared module", func() any {
			b := &block{InProj: param()}
			return &struct{ First, Second *block }{b, b}
		}(), "first.in_proj"},
		{"also in an unexported field", &struct {
			All []*variable
			all []*variable
		}{[]*variable{shared}, []*variable{shared}}, "all.0"},
		{"two lengths of one array", func() any {
			all := []*variable{param(), param()}
			return &struct{ First, All []*variable }{all[:1], all}
		}(), "first.0 all.1"},
		{"results are no parameters", &struct{ Last, last *variable }{autograd.NewTape[float32]().Input(tensor.New[float32](1)), autograd.NewTape[float32]().Input(tensor.New[float32](1))}, ""},
		{"the same function twice", nn.Sequential[float32]{nn.NewLinear[float32](tensor.NewKey(1, "test"), 2, 2, true), nn.Flatten[float32](), nn.NewLSTM[float32](tensor.NewKey(1, "test"), 2, 2, 2)},
			"0.weight 0.bias 2.weight_ih_l0 2.weight_hh_l0 2.bias_ih_l0 2.bias_hh_l0 2.weight_ih_l1 2.weight_hh_l1 2.bias_ih_l1 2.bias_hh_l1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(paths(t, c.module), " "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

type ring struct {
	Weight *variable
	Next   *ring
	Others []*ring
}

func TestWalkRing(t *testing.T) {
	r := &ring{Weight: param()}
	r.Next = &ring{Weight: param(), Next: r}
	r.Others = []*ring{r, r.Next}
	if got := paths(t, r); !slices.Equal(got, []string{"weight", "next.weight"}) {
		t.Errorf("%v", got)
	}
}

// forgetful leaves out a parameter.
type forgetful struct{ A, B *variable }

func (f *forgetful) Parts() []nn.Part { return []nn.Part{{Name: "a", Value: f.A}} }

// extended has the Parts of what it embeds, which do not know Head.
type extended struct {
	*nn.LSTM[float32]
	Head *variable
}

func TestWalkRefuses(t *testing.T) {
	wide := autograd.NewParam("", tensor.New[float64](3))
	for _, c := range []struct {
		name   string
		module any
		want   string
	}{
		{"unexported", &struct{ in *nn.Linear[float32] }{nn.NewLinear[float32](tensor.NewKey(1, "test"), 2, 3, true)}, ".in.Weight: holds a parameter of shape [3 2] that gets no name"},
		{"unexported in a part", &struct{ Parts []struct{ w *variable } }{[]struct{ w *variable }{{}, {param()}}}, ".Parts[1].w: holds a parameter of shape [2] that gets no name"},
		{"unexported in an interface", &struct{ core any }{&block{InProj: param()}}, ".core.InProj: holds a parameter"},
		{"unexported array", &struct{ pair [2]*variable }{[2]*variable{nil, param()}}, ".pair[1]: holds a parameter"},
		{"unexported map", &struct{ heads map[string]*variable }{map[string]*variable{"a": param()}}, ".heads[a]: holds a parameter"},
		{"map without string keys", &struct{ Heads map[int]*variable }{map[int]*variable{7: param()}}, ".Heads[7]: holds a parameter"},
		{"two with one path", &struct {
			A *variable `nn:"w"`
			W *variable
		}{param(), param()}, `.W: its path "w" belongs to the parameter in`},
		{"embedded twice", &struct {
			base
			Other base `nn:",inline"`
		}{base{param()}, base{param()}}, `.Other.Scale: its path "scale" belongs to`},
		{"forgotten by Parts", &forgetful{param(), param()}, "forgetful.B: holds a parameter"},
		{"promoted Parts", &extended{nn.NewLSTM[float32](tensor.NewKey(1, "test"), 2, 2, 1), param()}, "extended.Head: holds a parameter"},
		{"by value", &struct{ W variable }{*param()}, ".W: holds a parameter itself, expected a pointer"},
		{"other type", &struct{ W *autograd.Var[float64] }{wide}, ".W: holds a *autograd.Var[float64]"},
		{"without name", param(), "gets no name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := nn.Walk[float32](c.module)
			var w *nn.WalkError
			if !errors.As(err, &w) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %s", err, c.want)
			}
		})
	}
}

// TestParamsPanics: the functions that return no error panic with that of Walk.
func TestParamsPanics(t *testing.T) {
	defer func() {
		if w, ok := recover().(*nn.WalkError); !ok {
			t.Errorf("panic %v, want a *WalkError", w)
		}
	}()
	nn.Count[float32](hidden{nn.NewLinear[float32](tensor.NewKey(1, "test"), 2, 2, true)})
}

type hidden struct{ in *nn.Linear[float32] }

func (h hidden) Forward(tp *tape, x *variable) *variable { return h.in.Forward(tp, x) }

// TestWalkReachesEverything builds random types of nested structs, pointers, slices, arrays, maps
// and interfaces, fills them with parameters and expects every parameter once, in an order that
// does not change.
func TestWalkReachesEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		made := map[*variable]bool{}
		names := 0
		var build func(depth int) reflect.Value
		build = func(depth int) reflect.Value {
			kinds := 8
			if depth == 0 {
				kinds = 2
			}
			switch rapid.IntRange(0, kinds-1).Draw(rt, "kind") {
			case 0:
				p := param()
				made[p] = true
				return reflect.ValueOf(p)
			case 1:
				return reflect.ValueOf(rapid.Int().Draw(rt, "plain"))
			case 2:
				v := build(depth - 1)
				p := reflect.New(v.Type())
				p.Elem().Set(v)
				return p
			case 3:
				v := build(depth - 1)
				s := reflect.MakeSlice(reflect.SliceOf(v.Type()), 2, 3)
				s.Index(1).Set(v)
				return s
			case 4:
				v := build(depth - 1)
				a := reflect.New(reflect.ArrayOf(2, v.Type())).Elem()
				a.Index(0).Set(v)
				return a
			case 5:
				m := map[string]any{}
				for range rapid.IntRange(0, 3).Draw(rt, "entries") {
					names++
					m[fmt.Sprint("key", names)] = build(depth - 1).Interface()
				}
				return reflect.ValueOf(m)
			case 6:
				return reflect.ValueOf([]any{build(depth - 1).Interface(), nil})
			}
			var fields []reflect.StructField
			var values []reflect.Value
			for range rapid.IntRange(0, 3).Draw(rt, "fields") {
				v := build(depth - 1)
				names++
				fields = append(fields, reflect.StructField{Name: fmt.Sprint("Field", names), Type: v.Type()})
				values = append(values, v)
			}
			s := reflect.New(reflect.StructOf(fields)).Elem()
			for i, v := range values {
				s.Field(i).Set(v)
			}
			return s
		}
		root := &struct{ Root any }{build(4).Interface()}
		first, err := nn.Walk[float32](root)
		if err != nil {
			rt.Fatal(err)
		}
		seen, taken := map[*variable]bool{}, map[string]bool{}
		for _, p := range first {
			if !made[p.Var] || seen[p.Var] || taken[p.Path] || !strings.HasPrefix(p.Path, "root") {
				rt.Fatalf("%q: made %v, seen %v, path taken %v", p.Path, made[p.Var], seen[p.Var], taken[p.Path])
			}
			seen[p.Var], taken[p.Path] = true, true
		}
		if len(seen) != len(made) {
			rt.Fatalf("%d parameters of %d", len(seen), len(made))
		}
		if again, err := nn.Walk[float32](root); err != nil || !slices.Equal(first, again) {
			rt.Fatalf("a second walk gives %v, %v, the first %v", again, err, first)
		}
	})
}
