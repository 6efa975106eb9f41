package cuda

import (
	"embed"
	"fmt"

	"gorgonia.org/cu"
)

//go:embed kernels/*.ptx
var sources embed.FS

// function returns a kernel by name, and loads the family that holds it when it is first wanted.
func (d *Device) function(family, name string) (cu.Function, error) {
	if f, ok := d.funcs[name]; ok {
		return f, nil
	}
	m, ok := d.modules[family]
	if !ok {
		ptx, err := sources.ReadFile("kernels/" + family + ".ptx")
		if err != nil {
			return cu.Function{}, fmt.Errorf("no such family of kernels: %q", family)
		}
		if m, err = cu.LoadData(string(ptx)); err != nil {
			return cu.Function{}, failed("cuModuleLoadData of "+family, err)
		}
		d.modules[family] = m
	}
	f, err := m.Function(name)
	if err != nil {
		return cu.Function{}, failed("cuModuleGetFunction", err)
	}
	d.funcs[name] = f
	return f, nil
}
