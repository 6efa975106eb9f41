package recipe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"elegans/autograd/nn"
	"elegans/autograd/train"
	"elegans/internal/regular"
)

// StartFrom gives a model the parameters of the checkpoint Train.From of an opened configuration,
// and notes the sum of that file in Train.FromSHA256. It returns an error if the checkpoint has
// been trained on images that are to judge the model now, or if it has another sum than is noted
// already.
func (c *Config) StartFrom(model nn.Module[float32]) error {
	before, err := readConfig(c.Train.From)
	if err != nil {
		return err
	}
	if was, is := &before.Data, &c.Data; was.MayHaveSeen(is) {
		return fmt.Errorf("%s: its run took a valid_fraction of %v, a test_fraction of %v, a limit of %d "+
			"and the split_seed %d, this one %v, %v, %d and %d: it has been trained on images that would judge it now",
			c.Train.From, was.ValidFraction, was.TestFraction, was.Limit, was.SplitSeed,
			is.ValidFraction, is.TestFraction, is.Limit, is.SplitSeed)
	}
	sum, err := fileSum(c.Train.From)
	if err != nil {
		return err
	}
	if want := c.Train.FromSHA256; want != "" && want != sum {
		return fmt.Errorf("%s: SHA-256 %s, the description of the run says %s: another file", c.Train.From, sum, want)
	}
	c.Train.FromSHA256 = sum
	return train.Load(c.Train.From, nn.Params(model), true)
}

// takeClasses makes the classes of the checkpoint Train.From those of an unopened configuration:
// its model knows them by number, so that the labels of the data must count in their order.
func (c *Config) takeClasses() error {
	before, err := readConfig(c.Train.From)
	if err == nil && len(c.Data.Classes) == 0 && c.Model.Classes == 0 {
		c.Data.Classes = before.Data.Classes
	}
	return err
}

// readConfig returns the description that a checkpoint carries.
func readConfig(path string) (Config, error) {
	var c Config
	b, err := train.ReadConfig(path)
	if err == nil {
		err = c.Parse(b, path+" (configuration)")
	}
	return c, err
}

// fileSum returns the SHA-256 of a file in hexadecimal.
func fileSum(path string) (string, error) {
	f, err := regular.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
