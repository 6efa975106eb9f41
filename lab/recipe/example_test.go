package recipe_test

import (
	"fmt"

	"elegans/data"
	"elegans/lab/recipe"
	"elegans/tensor"
)

// A checkpoint alone suffices to classify an image.
func ExampleLoadModel() {
	model, err := recipe.LoadModel("../../testdata/checkpoints/mlp/best.safetensors")
	if err != nil {
		fmt.Println(err)
		return
	}
	image := tensor.New[float32](1, 1, 8, 8)
	data.Digits().Test.Pixels(image.Data(), 0)
	guesses, err := model.Predict(image)
	fmt.Println(len(guesses), "classes, most probable:", guesses[0].Class, err)
	// Output: 10 classes, most probable: 8 <nil>
}
