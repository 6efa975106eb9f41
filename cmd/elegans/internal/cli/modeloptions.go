package cli

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"elegans/lab/zoo"
)

// newModelOptions makes the flags of all model families: a struct with a field for each of
// zoo.Flags, which is nil where the flag is not given.
func newModelOptions() kong.Plugins {
	var fields []reflect.StructField
	for i, f := range zoo.Flags() {
		t, more := kindOf(f.Type), ""
		switch t.Kind() {
		case reflect.Slice: // which is nil by itself
		case reflect.Bool:
			more = ` negatable:""`
			fallthrough
		default:
			t = reflect.PointerTo(t)
		}
		if f.Placeholder != "" {
			more += fmt.Sprintf(` placeholder:%q`, f.Placeholder)
		}
		if f.Former != "" {
			more += fmt.Sprintf(` aliases:%q`, f.Former)
		}
		tag := fmt.Sprintf(`name:%q help:%q group:"Model"%s`, f.Name, f.Help, more)
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("Option%d", i), Type: t, Tag: reflect.StructTag(tag)})
	}
	return kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
}

// kindOf returns the type without a name of its own.
func kindOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
		return reflect.SliceOf(kindOf(t.Elem()))
	}
	plain := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[uint64](), reflect.TypeFor[float64](),
	}
	for _, p := range plain {
		if t.Kind() == p.Kind() {
			return p
		}
	}
	panic(fmt.Sprintf("a flag of type %v: expected text, a number, yes or no, or a list of these", t))
}

// givenOptions calls do with the name and the value of every option of a model that was given.
func (f *recipeFlags) givenOptions(do func(name string, value any) error) error {
	for _, options := range f.Options {
		v := reflect.ValueOf(options).Elem()
		for i, flag := range zoo.Flags() {
			if v.Field(i).IsNil() {
				continue
			}
			if err := do(flag.Name, reflect.Indirect(v.Field(i)).Interface()); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyOptions changes what the given options name, but for those that the model does not have:
// idle refuses them.
func (f *recipeFlags) applyOptions(s *zoo.Spec) error {
	return f.givenOptions(func(name string, value any) error {
		if !s.Has(name) {
			return nil
		}
		if err := s.Set(name, value); err != nil {
			return badf("--%w", err)
		}
		return nil
	})
}
