package tensorboard

import "google.golang.org/protobuf/encoding/protowire"

// The numbers of the fields that we write, as in the schema of TensorFlow (event.proto,
// summary.proto, histogram.proto, tensor.proto, graph.proto, node_def.proto, attr_value.proto). A test
// reads files by that schema.
const (
	eventWallTime    protowire.Number = 1
	eventStep        protowire.Number = 2
	eventFileVersion protowire.Number = 3
	eventGraph       protowire.Number = 4
	eventSummary     protowire.Number = 5
	eventSessionLog  protowire.Number = 7

	sessionStatus protowire.Number = 1

	summaryValue protowire.Number = 1

	valueTag       protowire.Number = 1
	valueScalar    protowire.Number = 2
	valueImage     protowire.Number = 4
	valueHistogram protowire.Number = 5
	valueTensor    protowire.Number = 8
	valueMetadata  protowire.Number = 9

	metadataPlugin protowire.Number = 1
	pluginName     protowire.Number = 1

	imageHeight     protowire.Number = 1
	imageWidth      protowire.Number = 2
	imageColorSpace protowire.Number = 3
	imageEncoded    protowire.Number = 4

	histogramMin     protowire.Number = 1
	histogramMax     protowire.Number = 2
	histogramNum     protowire.Number = 3
	histogramSum     protowire.Number = 4
	histogramSquares protowire.Number = 5
	histogramLimits  protowire.Number = 6
	histogramCounts  protowire.Number = 7

	tensorType    protowire.Number = 1
	tensorShape   protowire.Number = 2
	tensorStrings protowire.Number = 8

	shapeDim protowire.Number = 2
	dimSize  protowire.Number = 1

	graphNode       protowire.Number = 1
	graphVersions   protowire.Number = 4
	versionProducer protowire.Number = 1

	nodeName  protowire.Number = 1
	nodeOp    protowire.Number = 2
	nodeInput protowire.Number = 3
	nodeAttr  protowire.Number = 5

	entryKey   protowire.Number = 1
	entryValue protowire.Number = 2

	attrList   protowire.Number = 1
	attrString protowire.Number = 2
	listShape  protowire.Number = 7
)

// Values of enumerations.
const (
	sessionStart = 1
	typeString   = 7
	grey         = 1 // colour spaces
	rgb          = 3
	rgba         = 4
)

func appendString(b []byte, n protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), s)
}

func appendBytes(b []byte, n protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func appendInt(b []byte, n protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(v))
}
