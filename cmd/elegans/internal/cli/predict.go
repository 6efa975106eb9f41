package cli

import (
	"encoding/json"
	"fmt"

	"elegans/internal/quote"
	"elegans/lab/recipe"
)

type predictCmd struct {
	Checkpoint string   `arg:"" help:"Checkpoint."`
	Files      []string `arg:"" name:"file" help:"Pictures: PNG, JPEG, GIF, BMP, TIFF, WebP or Netpbm."`
	Invert     bool     `help:"Exchange black and white: for dark ink on a light ground, where the training images have light ink on a dark one."`
	Top        *int     `help:"Show so many classes (default: 3)." placeholder:"N"`
	Out        *string  `help:"PNG file for the reconstructions of an autoencoder, below their inputs (default: reconstruction.png)." placeholder:"FILE"`
	JSON       bool     `name:"json" help:"Print one JSON object a file."`
}

func (predictCmd) Help() string {
	return `Images are brought to the form that the model was trained on (channels, height, width, normalisation). An autoencoder writes a picture of the reconstructions and says how many pixels are right.

Examples:
  elegans predict elegans-report/worm.safetensors seven.png --invert
  elegans predict runs/worm-mnist/last.safetensors *.png --json
  elegans predict runs/m2-small-mnist/last.safetensors seven.png --invert --out seven-again.png`
}

// Run implements the command. All files are read before the first answer is given.
func (c *predictCmd) Run(env *environment) error {
	top := 3
	if set(&top, c.Top); top < 1 {
		return badf("--top %d: expected at least 1", top)
	}
	m, err := recipe.LoadModel(c.Checkpoint)
	if err != nil {
		return bad(err)
	}
	if !m.Config.Model.Task().HasClasses() {
		if c.Top != nil {
			return badf("--top: does nothing with the autoencoder in %s, which has no classes", c.Checkpoint)
		}
		return c.reconstruct(env, m)
	}
	if c.Out != nil {
		return badf("--out: does nothing with the classifier in %s, expected an autoencoder", c.Checkpoint)
	}
	env.stop() // nothing is written that Ctrl-C could leave half done
	answers := make([][]recipe.Guess, len(c.Files))
	for i, file := range c.Files {
		image, err := m.ReadImage(file, c.Invert)
		if err != nil {
			return bad(err)
		}
		if answers[i], err = m.Predict(image); err != nil {
			return badf("%s: %w", c.Checkpoint, err)
		}
		answers[i] = answers[i][:min(top, len(answers[i]))]
	}
	for i, file := range c.Files {
		if c.JSON {
			if err := json.NewEncoder(env.stdout).Encode(struct {
				File    string         `json:"file"`
				Classes []recipe.Guess `json:"classes"`
			}{file, answers[i]}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(env.stdout, "%s:", file)
		for _, g := range answers[i] {
			fmt.Fprintf(env.stdout, "  %s %.3f", quote.Name(g.Class), g.Probability)
		}
		fmt.Fprintln(env.stdout)
	}
	return nil
}

// reconstruct is Run for autoencoders.
func (c *predictCmd) reconstruct(env *environment, m *recipe.Model) error {
	cfg := m.Config
	grid := recipe.NewGrid(cfg.Model.Input[1], cfg.Model.Input[2], min(len(c.Files), 16), len(c.Files))
	accuracy := make([]float64, len(c.Files))
	for i, file := range c.Files {
		if err := env.ctx.Err(); err != nil {
			return err
		}
		image, err := m.ReadImage(file, c.Invert)
		if err != nil {
			return bad(err)
		}
		input, output := cfg.Reconstruct(m.Net, image)
		grid.Add(input, output)
		for k, p := range output {
			if (p > .5) == (input[k] > .5) {
				accuracy[i] += 1 / float64(len(output))
			}
		}
	}
	out := "reconstruction.png"
	set(&out, c.Out)
	if err := recipe.WritePNG(out, grid.Image); err != nil {
		return bad(err)
	}
	for i, file := range c.Files {
		if !c.JSON {
			fmt.Fprintf(env.stdout, "%s: pixel accuracy %.4f\n", file, accuracy[i])
			continue
		}
		if err := json.NewEncoder(env.stdout).Encode(struct {
			File           string  `json:"file"`
			PixelAccuracy  float64 `json:"pixel_accuracy"`
			Reconstruction string  `json:"reconstruction"`
		}{file, accuracy[i], out}); err != nil {
			return err
		}
	}
	if !c.JSON {
		fmt.Fprintf(env.stdout, "inputs and reconstructions: %s\n", out)
	}
	return nil
}
