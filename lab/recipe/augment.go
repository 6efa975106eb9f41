package recipe

import (
	"fmt"
	"strconv"
	"strings"

	"elegans/data"
)

// AugmentHelp says how augmentations are written.
const AugmentHelp = "shift:PIXELS, affine[:DEGREES[:SCALE[:SHEAR[:PIXELS]]]], flip, crop:PIXELS, cutout:PIXELS"

// ParseAugment reads a list such as ["shift:2", "affine:10:0.1", "flip", "crop:4", "cutout:8"].
// They are applied in this order.
func ParseAugment(list []string) ([]data.Augment, error) {
	var out []data.Augment
	for _, item := range list {
		a, err := parseOne(item)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// limits of the numbers of an affine augmentation, and their defaults.
var affine = []struct {
	name       string
	value, max float64
}{{"degrees", 10, 180}, {"scale", 0.1, 0.9}, {"shear", 0.1, 2}, {"pixels", 0, 1 << 12}}

func parseOne(item string) (data.Augment, error) {
	name, rest, _ := strings.Cut(item, ":")
	var args []string
	if rest != "" {
		args = strings.Split(rest, ":")
	}
	wrong := func() error { return fmt.Errorf("%q: not understood, expected one of %s", item, AugmentHelp) }
	if name == "affine" {
		values := [4]float64{}
		for i, a := range affine {
			values[i] = a.value
			if i >= len(args) {
				continue
			}
			v, err := strconv.ParseFloat(args[i], 64)
			if err != nil || !(v >= 0 && v <= a.max) {
				return nil, fmt.Errorf("%q: %s %q, expected a number from 0 to %v", item, a.name, args[i], a.max)
			}
			values[i] = v
		}
		if len(args) > len(affine) {
			return nil, wrong()
		}
		return data.Affine{Degrees: values[0], Scale: values[1], Shear: values[2], Shift: values[3]}, nil
	}
	if name == "flip" && len(args) == 0 {
		return data.Flip{}, nil
	}
	if len(args) != 1 {
		return nil, wrong()
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 0 || n > 1<<12 {
		return nil, fmt.Errorf("%q: found %q, expected a number of pixels from 0 to %d", item, args[0], 1<<12)
	}
	switch name {
	case "shift":
		return data.Shift{Max: n}, nil
	case "crop":
		return data.Crop{Pad: n}, nil
	case "cutout":
		return data.Cutout{Size: n}, nil
	}
	return nil, wrong()
}
