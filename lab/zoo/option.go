package zoo

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"elegans/connectome/tensornet"
	"elegans/internal/jsonkeys"
)

// Option is a field of a family's configuration that a command line offers.
type Option struct {
	Name        string // "width"
	Key         string // path of JSON keys within the description: "network.width"
	Former      string // a name that it had in earlier versions and still goes by
	Help        string
	Placeholder string // what stands for the value in help texts
	Size        bool   // a length, of which 0 would stand for the default: at least 1 must be given
	Negated     bool   // the field, a bool, holds the opposite of the option
	Resets      string // path of a field that does not hold for another value
}

// Flag is an option with all models that have it.
type Flag struct {
	Option
	// Type is that of the field: a kind of bool, int, float64, string, []int or [2]int.
	Type   reflect.Type
	Models []string
}

// Flags lists the options of all models, in the order of their first use. An option that several
// families share has one Name and a field of one kind; where its help differs, the models stand in
// parentheses.
func Flags() []Flag {
	var list []Flag
	texts := map[string][]string{}            // help texts of an option, in order
	users := map[string]map[string][]string{} // by option and text
	for _, e := range Entries() {
		for _, o := range e.Options {
			i := slices.IndexFunc(list, func(f Flag) bool { return f.Name == o.Name })
			if i < 0 {
				i = len(list)
				field, _ := fieldAt(reflect.ValueOf(e.defaults), o.Key)
				list = append(list, Flag{Option: o, Type: field.Type()})
				users[o.Name] = map[string][]string{}
			}
			list[i].Models = append(list[i].Models, e.Name)
			if users[o.Name][o.Help] == nil {
				texts[o.Name] = append(texts[o.Name], o.Help)
			}
			users[o.Name][o.Help] = append(users[o.Name][o.Help], e.Name)
		}
	}
	for i := range list {
		f := &list[i]
		if len(texts[f.Name]) == 1 {
			continue
		}
		var parts []string
		for _, text := range texts[f.Name] {
			parts = append(parts, fmt.Sprintf("%s (%s)", strings.TrimSuffix(text, "."), strings.Join(users[f.Name][text], ", ")))
		}
		f.Help = strings.Join(parts, "; ") + "."
	}
	return list
}

// Set gives an option a value of the kind of its field. It returns an error if the model does not
// have the option, or cannot take the value.
func (s *Spec) Set(option string, value any) error {
	e, err := s.entry()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(e.Options, func(o Option) bool { return o.Name == option })
	if i < 0 {
		return fmt.Errorf("%s: does nothing with model %s", option, s.Model)
	}
	o := e.Options[i]
	if n := reflect.ValueOf(value); o.Size && n.CanInt() && n.Int() < 1 {
		return fmt.Errorf("%s %d: expected at least 1", option, n.Int())
	}
	if list, ok := value.([]int); o.Size && ok && len(list) > 0 && slices.Min(list) < 1 {
		return fmt.Errorf("%s %s: expected at least 1", option, strings.Trim(fmt.Sprint(list), "[]"))
	}
	if on, ok := value.(bool); ok && o.Negated {
		value = !on
	}
	b, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s %v: expected a number", option, value)
	}
	c := reflect.New(e.config).Elem()
	c.Set(reflect.ValueOf(e.own(s.Config)))
	field, _ := fieldAt(c, o.Key)
	if n := reflect.ValueOf(value); field.Kind() == reflect.Array && n.Kind() == reflect.Slice && n.Len() > field.Len() {
		return fmt.Errorf("%s %v: expected at most %d numbers", option, value, field.Len())
	}
	field.SetZero() // lists do not grow
	if err := json.Unmarshal(b, field.Addr().Interface()); err != nil {
		return fmt.Errorf("%s %v: expected a %v", option, value, field.Type())
	}
	if o.Resets != "" {
		field, _ := fieldAt(c, o.Resets)
		field.SetZero()
	}
	s.Config = c.Interface()
	return nil
}

// Has reports whether the model has an option.
func (e *Entry) Has(option string) bool {
	return slices.ContainsFunc(e.Options, func(o Option) bool { return o.Name == option })
}

// Has reports whether the model has an option.
func (s *Spec) Has(option string) bool {
	e, err := Lookup(s.Model)
	return err == nil && e.Has(option)
}

// Idle reports whether an option does nothing with a description. It returns the name of the model,
// followed by what in the configuration is to blame, as "m2 core none", and the models with whose
// defaults the option does something.
func (s *Spec) Idle(option string) (idle bool, because string, used []string) {
	for _, e := range Entries() {
		if e.idle(e.defaults)[option] == "" && e.Has(option) {
			used = append(used, e.Name)
		}
	}
	e, err := s.entry()
	if err != nil {
		return false, s.Model, used
	}
	blame := e.idle(e.own(s.Config))[option]
	return blame != "" || !e.Has(option), strings.TrimSpace(s.Model + " " + blame), used
}

// fieldAt returns the field under a path of JSON keys.
func fieldAt(v reflect.Value, path string) (reflect.Value, bool) {
	for key := range strings.SplitSeq(path, ".") {
		if v.Kind() != reflect.Struct {
			return v, false
		}
		i := slices.IndexFunc(reflect.VisibleFields(v.Type()), func(f reflect.StructField) bool { return jsonkeys.Name(f) == key })
		if i < 0 {
			return v, false
		}
		v = v.Field(i)
	}
	return v, true
}

// networkOptions are those of a connectome network whose configuration, a tensornet.Config, lies
// under a path of JSON keys.
func networkOptions(path string) []Option {
	list := []Option{
		{Name: "width", Help: "Numbers that make up the state of a neuron", Placeholder: "N", Size: true},
		{Name: "rounds", Help: "Synapses that a signal travels", Placeholder: "N", Size: true},
		{Name: "combine", Help: "Combination along synapses"},
		{Name: "synaptic-weights", Help: "Weights of the synapses", Former: "weights"},
		{Name: "count-transform", Help: "What stands for a synapse count", Former: "counts"},
		{Name: "synapses", Help: "Synapses used", Former: "layers"},
		{Name: "gap-junctions", Help: "What a gap junction carries", Former: "gap"},
		{Name: "sign", Help: "Sign of the synapses"},
		{Name: "drive", Help: "When the input drives the sensory neurons", Former: "inject"},
		{Name: "unit-weights", Help: "Weights of the neurons", Former: "unit"},
		{Name: "activation", Help: "Activation of the neurons"},
		{Name: "norm", Help: "Normalisation in the neurons"},
		{Name: "signal", Help: "Part of the input that a sensory neuron receives", Former: "input"},
		{Name: "readout", Help: "Readout of the motor neurons"},
		{Name: "residual", Help: "Add the state before the round to that after it"},
		{Name: "frozen", Help: "Keep neurons and synapses as they were drawn (a reservoir)"},
	}
	choices := tensornet.Choices()
	for i := range list {
		o := &list[i]
		key := strings.ReplaceAll(o.Name, "-", "_")
		o.Key = path + "." + key
		if values := choices[key]; values != nil {
			o.Placeholder = "KIND"
			o.Help += ": " + strings.Join(values, ", ")
		}
		o.Help += "."
	}
	return list
}

// graphOptions are those of a wiring under the key "graph".
func graphOptions() []Option {
	return []Option{
		{Name: "graph", Key: "graph.name", Help: "Wiring: canonical, canonical-cook, shipped, or a file.", Placeholder: "NAME", Resets: "graph.sha256"},
		{Name: "control", Key: "graph.control", Help: "Use a control made from the wiring: " + strings.Join(Controls(), ", ") + ".", Placeholder: "KIND"},
		{Name: "graph-seed", Key: "graph.seed", Help: "Seed of the control (default: 0).", Placeholder: "N"},
	}
}

// idleGraphOptions returns the options that do nothing with a wiring.
func idleGraphOptions(g Graph) map[string]string {
	if g.Control == NoControl || g.Control == "none" {
		return map[string]string{"graph-seed": "control none"}
	}
	return nil
}
