package zoo

import (
	"errors"
	"strings"
	"testing"

	"elegans/tensor"
)

// TestRegisterRefuses: a family that cannot stand in a description is refused when it registers, in
// words that name what is wrong.
func TestRegisterRefuses(t *testing.T) {
	type shadow struct {
		Seed int `json:"seed"`
	}
	type capital struct {
		Input int `json:"Input"`
	}
	type twice struct {
		A int `json:"width"`
		B int `json:"Width"`
	}
	type hidden struct{ width int }
	_ = hidden{}.width
	for want, register := range map[string]func(){
		`field Seed has the key "seed", which stands for Seed already`:    func() { Register(Family[shadow]{Name: "new"}) },
		`field Input has the key "Input", which stands for Input already`: func() { Register(Family[capital]{Name: "new"}) },
		`field B has the key "Width", which stands for A already`:         func() { Register(Family[twice]{Name: "new"}) },
		`field width has no key of its own`:                               func() { Register(Family[hidden]{Name: "new"}) },
		`the configuration is a int, expected a struct`:                   func() { Register(Family[int]{Name: "new"}) },
		`model "mlp" is registered already`:                               func() { Register(Family[MLPConfig]{Name: "mlp"}) },
		`no field with the JSON key "deep"`: func() {
			Register(Family[MLPConfig]{Name: "new", Options: []Option{{Name: "deep", Key: "deep"}}})
		},
	} {
		func() {
			defer func() {
				err, ok := recover().(error)
				var usage *tensor.UsageError
				if !ok || !errors.As(err, &usage) || usage.Op != "zoo.Register" || !strings.Contains(usage.Detail, want) {
					t.Errorf("%v, want %s", err, want)
				}
			}()
			register()
		}()
	}
	if _, err := Lookup("new"); err == nil {
		t.Error("a family was registered")
	}
}
