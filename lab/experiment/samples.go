package experiment

import "context"

// Sample is a test image as the networks see it and as they reconstruct it, pixels from 0 to 1.
type Sample struct {
	Input []float32
	// Output has what the first run of each arm makes of it, and then each baseline with codes.
	Output [][]float32
}

// samples is the number of test images that are shown.
const samples = 16

// Samples is the Part that keeps the first test images, unchosen, and what the first run of each
// arm makes of them. It is for networks that reconstruct, and stands after Baselines.
func Samples(_ context.Context, res *Result) error {
	if err := reconstructs(res, "samples"); err != nil {
		return err
	}
	n := min(samples, res.Sets.Test.Len())
	x := res.Configs[0].Inputs(res.Sets.Test, 0, n)
	ch, h, w := res.Sets.Test.Shape()
	res.Samples = make([]Sample, n)
	for i := range res.Samples {
		s := &res.Samples[i]
		s.Input = x.Data()[i*ch*h*w:][:ch*h*w]
		picture := x.Slice(0, i, i+1, 1).Reshape(1, ch, h, w)
		for _, a := range res.Comparison.Arms {
			r := res.Of(a.Name)[0]
			_, output := r.Config.Reconstruct(r.Model, picture)
			s.Output = append(s.Output, output)
		}
	}
	for _, b := range res.Baselines {
		if b.Codes == 0 {
			continue
		}
		y := x.Clone()
		b.axes.reconstruct(y, x, b.Codes)
		for i := range res.Samples {
			res.Samples[i].Output = append(res.Samples[i].Output, y.Data()[i*ch*h*w:][:ch*h*w])
		}
	}
	return nil
}
