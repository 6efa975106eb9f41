package data_test

import (
	"context"
	"fmt"

	"elegans/data"
	"elegans/tensor"
)

func ExampleLoad() {
	sets, err := data.Load(context.Background(), "digits", data.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	train, validation := sets.Train.Split(0.1, 1, true)
	fmt.Println(train)
	fmt.Println(validation)
	fmt.Println(sets.Test)
	// Output:
	// digits: 1294 images 1x8x8, 10 classes
	// digits: 144 images 1x8x8, 10 classes
	// digits: 359 images 1x8x8, 10 classes
}

func ExampleLoader() {
	train := data.Digits().Train
	loader := data.NewLoader(train, data.LoaderConfig{
		BatchSize: 500,
		Seed:      1,
		Shuffle:   true,
		Augment:   []data.Augment{data.Shift{Max: 1}, data.NewNormalize(train)},
	})
	defer loader.Close()
	for batch := range loader.Epoch(0, 1) { // as if resumed after the first step
		fmt.Println(batch.Epoch, batch.Step, batch.Images.Shape(), len(batch.Labels))
	}
	// Output:
	// 0 1 [500 1 8 8] 500
	// 0 2 [438 1 8 8] 438
}

func ExampleDataset_Batch() {
	digits := data.AllDigits()
	// flat rows suit a fully connected layer
	images, labels := tensor.New[float32](2, 64), make([]int, 2)
	digits.Batch(images, labels, []int{0, 1796})
	fmt.Println(labels, images.At(0, 2), images.At(0, 3))
	// Output: [0 8] 0.3125 0.8125
}
