package recipe

import "elegans/internal/jsondiff"

// Difference returns the path of the first field, such as train.epochs, in which two descriptions
// differ, with its value in c and in other; the path is empty if they are equal. What the data were
// is compared only if both know it.
func (c *Config) Difference(other *Config) (path, here, there string) {
	a, b := *c, *other
	if a.Data.Record == nil || b.Data.Record == nil {
		a.Data.Record, b.Data.Record = nil, nil
	}
	path, here, there, err := jsondiff.First(a.JSON(), b.JSON())
	if err != nil { // JSON made them
		panic(err)
	}
	return path, here, there
}
