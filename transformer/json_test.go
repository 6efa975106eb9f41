package transformer_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"elegans/transformer"
)

// TestPublishedDefaults: a description in JSON that says nothing of the published network means
// what one in Go means that says nothing.
func TestPublishedDefaults(t *testing.T) {
	inGo := transformer.ElegansConfig{Transformer: small(), Family: transformer.FamilyPublished}
	inJSON := transformer.ElegansConfig{Transformer: small()}
	if err := json.Unmarshal([]byte(`{"family": "published"}`), &inJSON); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*transformer.ElegansConfig{&inGo, &inJSON} {
		if err := c.Complete(); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(inGo, inJSON) {
		t.Errorf("from JSON %+v, in Go %+v", inJSON, inGo)
	}
}
