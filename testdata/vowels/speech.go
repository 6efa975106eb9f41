package main

import (
	"encoding/json"

	"elegans/autograd"
	"elegans/autograd/nn"
	"elegans/autograd/optim"
	"elegans/autograd/train"
	"elegans/esn"
	"elegans/tensor"
	"elegans/transformer"
)

// batchSize is the number of sequences of a step.
const batchSize = 30

// speech are sequences with a class each, filled up with zeros to one length.
type speech struct {
	x                []float32 // [N, rows, columns]
	lengths, labels  []int
	rows, columns    int
	classes, perItem int
}

func newSpeech(list []esn.Sequence, classes int) *speech {
	s := &speech{columns: list[0].Input.Dim(1), classes: classes}
	for _, item := range list {
		s.rows = max(s.rows, item.Input.Dim(0))
	}
	s.perItem = s.rows * s.columns
	s.x = make([]float32, len(list)*s.perItem)
	for i, item := range list {
		for j, v := range item.Input.Data() {
			s.x[i*s.perItem+j] = float32(v)
		}
		s.lengths = append(s.lengths, item.Input.Dim(0))
		s.labels = append(s.labels, train.ArgMax(item.Target.Data()))
	}
	return s
}

// trainer returns what trains a model by AdamW with a learning rate of one cycle.
func (s *speech) trainer(model transformer.Sequencer[float32], seed uint64, lr float64, epochs int) (*train.Trainer[float32], error) {
	b := s.source(model, seed)
	options := optim.AdamWDefaults()
	options.LR = lr
	cycle, err := json.Marshal(map[string]any{"max_lr": lr, "total_steps": epochs * b.Steps(), "pct_start": .3, "cycle_momentum": false})
	if err != nil {
		return nil, err
	}
	schedule, err := optim.NewSchedule("one_cycle", lr, cycle)
	if err != nil {
		return nil, err
	}
	return &train.Trainer[float32]{
		Config: train.Config{Epochs: epochs, Seed: seed, ClipNorm: 1},
		Model:  model, Objective: b, Optimizer: optim.Adam(nn.Trainable[float32](model), options), Schedule: schedule, Train: b,
	}, nil
}

// source returns the batches for a model, in an order that the seed gives; 0 leaves it as it is.
func (s *speech) source(model transformer.Sequencer[float32], seed uint64) *batches {
	return &batches{speech: s, model: model, seed: seed, lengths: make([]int, 0, batchSize)}
}

// batches are a source of batches and, since what a batch holds does not tell the lengths of its
// sequences, the objective too.
type batches struct {
	*speech
	model   transformer.Sequencer[float32]
	seed    uint64
	order   []int
	at      int
	lengths []int // of the batch that is at work
}

// Steps implements train.Source.
func (b *batches) Steps() int { return (len(b.labels) + batchSize - 1) / batchSize }

// Start implements train.Source.
func (b *batches) Start(epoch, step int) {
	b.order, b.at = b.order[:0], step*batchSize
	for i := range b.labels {
		b.order = append(b.order, i)
	}
	if b.seed > 0 {
		r := tensor.NewKey(b.seed, "order", uint64(epoch)).Rand()
		r.Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
	}
}

// Next implements train.Source.
func (b *batches) Next() (train.Batch[float32], bool) {
	if b.at >= len(b.order) {
		return train.Batch[float32]{}, false
	}
	list := b.order[b.at:min(b.at+batchSize, len(b.order))]
	b.at += len(list)
	x, labels := make([]float32, 0, len(list)*b.perItem), make([]int, 0, len(list))
	b.lengths = b.lengths[:0]
	for _, i := range list {
		x = append(x, b.x[i*b.perItem:(i+1)*b.perItem]...)
		labels = append(labels, b.labels[i])
		b.lengths = append(b.lengths, b.speech.lengths[i])
	}
	return train.Batch[float32]{X: tensor.FromSlice(x, len(list), b.rows, b.columns), Labels: labels}, true
}

// Loss implements train.Objective: the cross entropy, and the share of what is told right.
func (b *batches) Loss(tp *autograd.Tape[float32], batch train.Batch[float32], m *train.Metrics) *autograd.Var[float32] {
	logits := b.model.Run(tp, tp.Input(batch.X), b.lengths)
	m.Add("accuracy", float64(tensor.CountCorrect(logits.Value, batch.Labels)), float64(batch.Len()))
	return tp.CrossEntropy(logits, batch.Labels, autograd.CrossEntropyOptions[float32]{})
}
