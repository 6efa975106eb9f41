package zoo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"elegans/internal/jsonkeys"
)

// common are the fields of every description in JSON.
type common struct {
	Model   string `json:"model"`
	Input   [3]int `json:"input"`
	Classes int    `json:"classes"`
	Seed    uint64 `json:"seed"`
}

// MarshalJSON writes the common fields and those of the configuration side by side.
func (s Spec) MarshalJSON() ([]byte, error) {
	head, err := json.Marshal(common{s.Model, s.Input, s.Classes, s.Seed})
	if err != nil || s.Config == nil {
		return head, err
	}
	own, err := json.Marshal(s.Config)
	if err != nil || len(own) == len("{}") {
		return head, err
	}
	return append(append(head[:len(head)-1], ','), own[1:]...), nil
}

// UnmarshalJSON decodes over what s has. Over nothing, it takes a configuration to be complete, as
// in a checkpoint: what is not written is zero, unless nothing is written. A change of the model
// keeps what both configurations have in common. Where no model is named, the keys of all are
// permitted. Other keys, and values of a wrong type, are errors of package encoding/json with
// offsets into b; keys of another model, and what jsonkeys.Check finds, are a *jsonkeys.Error.
func (s *Spec) UnmarshalJSON(b []byte) error {
	type description struct { // whose name stands in messages
		Model string `json:"model"`
	}
	var named description
	if err := json.Unmarshal(b, &named); err != nil {
		return err
	}
	next := *s
	if named.Model != "" && named.Model != s.Model {
		if err := next.SetModel(named.Model); err != nil {
			return err
		}
	}
	e, ok := registry[next.Model]
	if !ok {
		e = &Entry{config: reflect.TypeFor[struct{}](), defaults: struct{}{}}
	}
	// One struct with all keys, so that one pass finds every mistake at its place.
	all := reflect.New(reflect.StructOf(e.fields())).Elem()
	head := reflect.ValueOf(common{next.Model, next.Input, next.Classes, next.Seed})
	own := reflect.New(e.config).Elem()
	if s.Model != "" || next.Config != nil {
		own = reflect.ValueOf(e.own(next.Config))
	}
	for i := range head.NumField() {
		all.Field(i).Set(head.Field(i))
	}
	for i := range own.NumField() {
		all.Field(head.NumField() + i).Set(own.Field(i))
	}
	if err := jsonkeys.Check(b, all.Type()); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(all.Addr().Interface()); err != nil {
		return err
	}
	for i := head.NumField() + own.NumField(); i < all.NumField(); i++ {
		if key := jsonkeys.Name(all.Type().Field(i)); ok && all.Field(i).Len() > 0 {
			return &jsonkeys.Error{Key: key, Problem: fmt.Sprintf("model %q has none, only %s", next.Model, strings.Join(havingKey(key), ", "))}
		}
	}
	decoded := reflect.New(e.config).Elem()
	for i := range own.NumField() {
		decoded.Field(i).Set(all.Field(head.NumField() + i))
	}
	c := common{}
	for i := range head.NumField() {
		reflect.ValueOf(&c).Elem().Field(i).Set(all.Field(i))
	}
	*s = Spec{c.Model, c.Input, c.Classes, c.Seed, nil}
	if ok && !decoded.IsZero() { // nil stands for the defaults
		s.Config = decoded.Interface()
	}
	return nil
}

// fields returns the fields of a description in JSON: the common ones, those of the configuration,
// and raw ones for the keys of other families. They are named by number, since a configuration may
// use the names of the common ones.
func (e *Entry) fields() []reflect.StructField {
	var list []reflect.StructField
	known := map[string]bool{}
	add := func(f reflect.StructField, t reflect.Type) {
		known[jsonkeys.Name(f)] = true
		tag := reflect.StructTag(fmt.Sprintf(`json:%q`, jsonkeys.Name(f)))
		list = append(list, reflect.StructField{Name: fmt.Sprintf("F%d", len(list)), Type: t, Tag: tag})
	}
	for _, t := range []reflect.Type{reflect.TypeFor[common](), e.config} {
		for i := range t.NumField() {
			add(t.Field(i), t.Field(i).Type)
		}
	}
	for _, other := range Entries() {
		for i := range other.config.NumField() {
			if f := other.config.Field(i); !known[jsonkeys.Name(f)] {
				add(f, reflect.TypeFor[json.RawMessage]())
			}
		}
	}
	return list
}

// havingKey returns the models that have a key in their configuration.
func havingKey(key string) (names []string) {
	for _, e := range Entries() {
		for i := range e.config.NumField() {
			if jsonkeys.Name(e.config.Field(i)) == key {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

// clone returns a copy that shares no slice with a configuration.
func clone(config any) any {
	c := reflect.New(reflect.TypeOf(config)).Elem()
	c.Set(reflect.ValueOf(config))
	unshare(c)
	return c.Interface()
}

// unshare gives a value slices of its own, at any depth of structs and arrays.
func unshare(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				unshare(v.Field(i))
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			unshare(v.Index(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		v.Set(own)
		for i := range v.Len() {
			unshare(v.Index(i))
		}
	}
}

// carry returns the defaults with what a configuration of another type has under the same keys.
func (e *Entry) carry(config any) any {
	b, err := json.Marshal(config)
	if err != nil {
		return clone(e.defaults)
	}
	next := reflect.New(e.config)
	next.Elem().Set(reflect.ValueOf(clone(e.defaults)))
	if json.Unmarshal(b, next.Interface()) != nil { // one key, two meanings
		return clone(e.defaults)
	}
	return next.Elem().Interface()
}
