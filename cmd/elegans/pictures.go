package main

import (
	"path/filepath"

	"elegans/connectome/m2"
	"elegans/data"
	"elegans/lab/recipe"
)

// Files in the folder of an autoencoder's run: the first images of a part of the data with their
// reconstructions below.
const (
	validPicture = "reconstructions.png"      // validation part, after every epoch
	testPicture  = "reconstructions-test.png" // test part, after the last
)

// showAutoencoder writes what is to be seen of an autoencoder in the folder of its run; of other
// models there is nothing.
func showAutoencoder(cfg *recipe.Config, r *recipe.Run, d *data.Dataset, file string) error {
	a, ok := r.Model.(*m2.Autoencoder[float32])
	if !ok || d == nil {
		return nil
	}
	return recipe.WritePNG(filepath.Join(r.Dir, file), cfg.Pictures(a, d, 16, 3))
}
