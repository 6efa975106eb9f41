package data

import (
	"context"

	"elegans/data/internal/fetch"
)

// mostIDX is more than the largest of the files below has, 26 MB.
const mostIDX = 32 << 20

// MNIST: Y. LeCun, C. Cortes, C. Burges. The original site no longer serves the files; these are
// copies kept by others, hence the checksums.
var mnist = source{
	name: "mnist",
	mirrors: []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
	},
	files: []fetch.File{
		{Name: "train-images-idx3-ubyte.gz", Most: mostIDX, SHA256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
		{Name: "train-labels-idx1-ubyte.gz", Most: mostIDX, SHA256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
		{Name: "t10k-images-idx3-ubyte.gz", Most: mostIDX, SHA256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
		{Name: "t10k-labels-idx1-ubyte.gz", Most: mostIDX, SHA256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
	},
	read: func(ctx context.Context, o *Options, dir string) (Sets, error) {
		return loadIDXPairs(ctx, o, dir, "mnist", "MNIST (Y. LeCun, C. Cortes, C. J. C. Burges, 1998)", digitClasses())
	},
}

// Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747, MIT licence. The authors publish
// MD5 sums only.
var fashionMNIST = source{
	name: "fashion-mnist",
	mirrors: []string{
		"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
	},
	files: []fetch.File{
		{Name: "train-images-idx3-ubyte.gz", Most: mostIDX, MD5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
		{Name: "train-labels-idx1-ubyte.gz", Most: mostIDX, MD5: "25c81989df183df01b3e8a0aad5dffbe"},
		{Name: "t10k-images-idx3-ubyte.gz", Most: mostIDX, MD5: "bef4ecab320f06d8554ea6380940ec79"},
		{Name: "t10k-labels-idx1-ubyte.gz", Most: mostIDX, MD5: "bb300cfdad3c16e7a12a480ee83cd310"},
	},
	read: func(ctx context.Context, o *Options, dir string) (Sets, error) {
		return loadIDXPairs(ctx, o, dir, "fashion-mnist", "Fashion-MNIST (H. Xiao, K. Rasul, R. Vollgraf, 2017; MIT licence)",
			[]string{"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"})
	},
}

// loadIDXPairs reads the training and the test pair of files in dir.
func loadIDXPairs(ctx context.Context, o *Options, dir, name, provenance string, classes []string) (s Sets, err error) {
	if s.Train, err = loadIDX(ctx, o, dir, "train", name, provenance+", training part", classes); err != nil {
		return Sets{}, err
	}
	s.Test, err = loadIDX(ctx, o, dir, "t10k", name, provenance+", test part", classes)
	return s, err
}
