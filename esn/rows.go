package esn

import (
	"fmt"

	"elegans/internal/memory"
	"elegans/tensor"
)

// rowStore keeps the rows that a readout is fitted to, for those that look at them more than once.
type rowStore struct {
	features, outputs int
	x, y              []float64
	// loaded says that the readout was loaded from a file, which does not hold the rows.
	loaded bool
}

// begin forgets all rows.
func (s *rowStore) begin(features, outputs int) {
	*s = rowStore{features: features, outputs: outputs}
}

// add copies rows.
func (s *rowStore) add(kind string, x, y *tensor.Tensor[float64]) error {
	if x.Dims() != 2 || y.Dims() != 2 || x.Dim(0) != y.Dim(0) || x.Dim(1) != s.features || y.Dim(1) != s.outputs {
		return fmt.Errorf("esn: features of shape %v and targets of shape %v, expected [T, %d] and [T, %d]", x.Shape(), y.Shape(), s.features, s.outputs)
	}
	if s.loaded {
		return fmt.Errorf("esn: more rows for a %s readout that was loaded without its former ones, expected a new fit", kind)
	}
	rows := len(s.y)/max(s.outputs, 1) + x.Dim(0)
	if err := memory.Need(fmt.Sprintf("%d rows of %d features", rows, s.features), 8*float64(rows)*float64(s.features+s.outputs)); err != nil {
		return err
	}
	s.x = append(s.x, x.Contiguous().Data()...)
	s.y = append(s.y, y.Contiguous().Data()...)
	return nil
}

// tensors returns the rows; the tensors share their memory.
func (s *rowStore) tensors() (x, y *tensor.Tensor[float64]) {
	rows := len(s.y) / max(s.outputs, 1)
	return tensor.FromSlice(s.x, rows, s.features), tensor.FromSlice(s.y, rows, s.outputs)
}
