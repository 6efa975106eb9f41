package transformer_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"elegans/transformer"
)

// FuzzDescriptions: no bytes make the reading or the completion of a description panic, an error is
// one line, and what is complete reads the same when it was written.
func FuzzDescriptions(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `[]`, `{"dim":16,"depth":2,"heads":4,"patch":[2,2]}`, `{"dim":16,"depth":1,"patch":[4,4],"experts":4,"gating":"mul","order":"post"}`,
		`{"transformer":{"dim":16,"depth":1,"patch":[4,4]},"place":"pool","network":{"width":3}}`,
		`{"transformer":{"dim":16,"depth":1,"patch":[4,4]},"family":"published","place":"attn-emb"}`,
		`{"transformer":{"dim":16,"depth":1,"patch":[4,4]},"echo":{"direction":"both","inputs":4,"train":["leak"],"reservoir":{"neurons":9}}}`,
		`{"dim":8,"units":3,"pooling":"mean","reservoir":{"topology":"ring","neurons":5}}`, `{"dim":1e9}`, `{"patch":[0,-1],"dim":4}`,
	} {
		f.Add([]byte(s))
	}
	image := transformer.Config{Image: [3]int{3, 8, 8}, Classes: 10}
	f.Fuzz(func(t *testing.T, b []byte) {
		survives(t, b, image)
		survives(t, b, transformer.ElegansConfig{Transformer: image})
		survives(t, b, transformer.EchoFormerConfig{Transformer: image})
		survives(t, b, transformer.EchoTransformerConfig{Image: [3]int{3, 8, 8}, Outputs: 10})
	})
}

// survives reads a description over the given one, completes it, writes it, and reads it again.
func survives[C any, P interface {
	*C
	Complete() error
}](t *testing.T, b []byte, base C) {
	c, again := base, base
	if json.Unmarshal(b, &c) != nil {
		return
	}
	if err := P(&c).Complete(); err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Fatalf("error %q", err)
		}
		return
	}
	text, err := json.Marshal(&c)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if err := P(&again).Complete(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if same, err := json.Marshal(&again); err != nil || !bytes.Equal(same, text) {
		t.Fatalf("%T: %s\nbecame\n%s, %v", c, text, same, err)
	}
}
