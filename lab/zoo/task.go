package zoo

// Task is what a model is trained for. It decides how data are brought to the model, what is
// measured and what is shown of a run; see package recipe.
type Task string

// The tasks.
const (
	// Classification: images [batch, C, H, W] to logits [batch, classes].
	Classification Task = "classification"
	// Reconstruction: images [batch, C, H, W] of 0 and 1 to logits of their own pixels, of the same
	// shape. There are no classes.
	Reconstruction Task = "reconstruction"
)

// HasClasses reports whether a model of this task tells classes apart.
func (t Task) HasClasses() bool { return t == Classification }
