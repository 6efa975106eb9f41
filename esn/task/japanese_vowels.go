package task

import (
	"fmt"
	"path/filepath"

	"elegans/internal/quote"
	"elegans/tensor"
)

// Files of a set for classification, in one folder.
const (
	vowelsTrain = "JapaneseVowels_TRAIN.ts"
	vowelsTest  = "JapaneseVowels_TEST.ts"
)

func init() {
	Register(Task{
		Name: "japanese_vowels", Doc: "which of nine speakers says a vowel, from 7 to 29 rows of 12 cepstral coefficients (M. Kudo, J. Toyama and M. Shimbo, 1999)",
		Kind: Classification, Inputs: 12, Outputs: 9, Metric: Accuracy,
		Alignment: "one answer a sequence; columns standardised by the training sequences",
		Needs: "the folder with " + vowelsTrain + " and " + vowelsTest + ": aeon/datasets/data/JapaneseVowels in the package aeon of PyPI " +
			"(pip download --no-deps aeon==1.6.0, a wheel is a zip), or sktime/datasets/data/JapaneseVowels in sktime; UCI data, CC BY 4.0",
		Recipe: recipe{
			neurons: 100, degree: 10, scale: 1.025, input: .1863, bias: .166, leak: .463, penalty: .24, times: 4, readoutInput: true,
		}.make,
		Make: func(o Options) (Problem, error) {
			if o.Path == "" {
				return Problem{}, fmt.Errorf("no path, expected the folder with %s and %s", vowelsTrain, vowelsTest)
			}
			train, err := ReadTS(filepath.Join(o.Path, vowelsTrain))
			if err != nil {
				return Problem{}, err
			}
			test, err := ReadTS(filepath.Join(o.Path, vowelsTest))
			if err != nil {
				return Problem{}, err
			}
			if !train.same(test) {
				return Problem{}, fmt.Errorf("%s: other classes or channels in %s than in %s, expected the same", quote.Name(o.Path), vowelsTest, vowelsTrain)
			}
			return classification(train, test, o.Seed), nil
		},
	})
}

// classification makes a problem of two sets. A third of every class of the training set, drawn by
// the seed, validates; the readout that is tested is fitted to the whole set.
func classification(train, test *Labelled, seed uint64) Problem {
	rows := stack(train.Series)
	s := standardOf(rows, rows.Dim(0))
	for _, set := range []*Labelled{train, test} {
		for i, x := range set.Series {
			set.Series[i] = s.Apply(x)
		}
	}
	p := Problem{Test: test.sequences(), Classes: train.Classes, Refit: true, InputScale: &s}
	order := tensor.NewKey(seed, "task.validation").Rand().Perm(len(train.Series))
	all, seen, sizes := train.sequences(), make([]int, len(train.Classes)), make([]int, len(train.Classes))
	for _, c := range train.Labels {
		sizes[c]++
	}
	for _, i := range order {
		c := train.Labels[i]
		if seen[c]++; 3*seen[c] <= sizes[c] {
			p.Validate = append(p.Validate, all[i])
		} else {
			p.Train = append(p.Train, all[i])
		}
	}
	return p
}
