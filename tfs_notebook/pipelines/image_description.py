"""What a pipeline file of kind ``image`` says, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final, Literal, TypeAlias

from tfs_notebook.pipelines.output_description import OutputDescription

__all__ = [
    "DEFAULT_MAXIMUM_PIXELS",
    "ByteForm",
    "Colour",
    "ImageDescription",
    "ImageForm",
    "ImageFormat",
    "PixelForm",
    "PixelRules",
    "ValueRules",
]

Colour: TypeAlias = tuple[int, int, int]
ImageFormat: TypeAlias = Literal["PNG", "JPEG", "GIF", "BMP", "WebP"]

DEFAULT_MAXIMUM_PIXELS: Final = 32_000_000
_ALL_FORMATS: Final[tuple[ImageFormat, ...]] = ("PNG", "JPEG", "GIF", "BMP", "WebP")


@dataclass(frozen=True, slots=True)
class PixelRules:
    """How an image becomes one of the model's size; see the schema's ``pixels`` for each."""

    height: int
    width: int
    color: Literal["rgb", "bgr", "grey"] = "rgb"
    resize: Literal["nearest", "bilinear", "bicubic", "area"] = "bilinear"
    fit: Literal["stretch", "crop", "pad"] = "stretch"
    background: Colour = (255, 255, 255)
    fill: Colour = (0, 0, 0)

    @property
    def channels(self) -> int:
        """Values of one pixel."""
        return 1 if self.color == "grey" else 3


@dataclass(frozen=True, slots=True)
class ValueRules:
    """``(pixel × scale + offset − mean) / std``, of a pixel from 0 to 255.

    Each is one number, or one for each channel in the tensor's order.
    """

    scale: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> ValueRules:
        """Take it from a document that is valid by the schema."""
        given = {
            name: tuple(map(float, value if isinstance(value, list) else [value]))
            for name, value in said.items()
            if name != "range"
        }
        if "range" in said:
            low, high = said["range"]
            given |= {"scale": ((high - low) / 255,), "offset": (float(low),)}
        return cls(**given)

    def document(self) -> dict[str, Any]:
        """As the pipeline file says it."""
        return {
            name: value[0] if len(value) == 1 else list(value)
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class PixelForm:
    """The model takes decoded images.

    Attributes:
        rules: their size and colours.
        values: what is made of a pixel's 0 to 255.
        layout: of the tensor; ``NHW`` has no axis for the one channel of grey.
        type: of the tensor.
    """

    rules: PixelRules
    values: ValueRules = ValueRules()
    layout: Literal["NHWC", "NCHW", "NHW"] = "NHWC"
    type: Literal["float32", "uint8"] = "float32"


@dataclass(frozen=True, slots=True)
class ByteForm:
    """The model decodes images itself.

    Attributes:
        formats: those that it can decode.
        shape: of the tensor.
    """

    formats: tuple[ImageFormat, ...] = _ALL_FORMATS
    shape: Literal["[images]", "[images, 1]"] = "[images]"


ImageForm: TypeAlias = PixelForm | ByteForm


@dataclass(frozen=True, slots=True)
class ImageDescription:
    """A valid pipeline of kind ``image``.

    Attributes:
        signature: the model's signature that it feeds.
        form: what the model is given.
        input_name: the alias of the tensor.
        output: what its scores mean.
        maximum_pixels: an image that has more is refused before it is decoded.
    """

    kind: ClassVar[Literal["image"]] = "image"

    signature: str
    form: ImageForm
    input_name: str
    output: OutputDescription
    maximum_pixels: int = DEFAULT_MAXIMUM_PIXELS

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ImageDescription:
        """Take it from a document that is valid by the schema.

        Raises:
            ValueError: what the schema cannot say.
        """
        return cls(
            signature=document.get("signature", "serving_default"),
            form=_byte_form(document) if "bytes" in document else _pixel_form(document),
            input_name=document["input"]["name"],
            output=OutputDescription.read(document["output"]),
            maximum_pixels=int(document.get("maximum_pixels", DEFAULT_MAXIMUM_PIXELS)),
        )

    def document(self) -> dict[str, Any]:
        """As the pipeline file says it."""
        form = self.form
        said: dict[str, Any] = {
            "schema_version": 1,
            "kind": self.kind,
            "signature": self.signature,
            "maximum_pixels": self.maximum_pixels,
        }
        given: dict[str, Any] = {"name": self.input_name}
        if isinstance(form, ByteForm):
            said["bytes"] = {"formats": list(form.formats)}
            given["shape"] = form.shape
        else:
            rules = asdict(form.rules)
            said["pixels"] = rules | {key: list(rules[key]) for key in ("background", "fill")}
            if form.type != "uint8":
                said["values"] = form.values.document()
            given |= {"layout": form.layout, "type": form.type}
        return said | {"input": given, "output": self.output.document()}


def _byte_form(document: Mapping[str, Any]) -> ByteForm:
    return ByteForm(
        tuple(document["bytes"].get("formats", _ALL_FORMATS)),
        document["input"].get("shape", "[images]"),
    )


def _pixel_form(document: Mapping[str, Any]) -> PixelForm:
    said = dict(document["pixels"])
    for name in ("height", "width"):
        said[name] = int(said[name])
    for name in ("background", "fill"):
        if name in said:
            said[name] = tuple(map(int, said[name]))
    rules = PixelRules(**said)
    given = document["input"]
    form = PixelForm(
        rules,
        ValueRules.read(document.get("values", {})),
        given.get("layout", "NHWC"),
        given.get("type", "float32"),
    )
    for name, value in asdict(form.values).items():
        if len(value) not in (1, rules.channels):
            raise ValueError(
                f"values.{name}: {len(value)} numbers for {rules.channels} channels; there is "
                "one for each, or one for all"
            )
    if form.layout == "NHW" and rules.channels > 1:
        raise ValueError("input.layout: NHW has no channels, so pixels.color has to be grey")
    if form.type == "uint8" and "values" in document:
        raise ValueError("values: pixels of a uint8 tensor are given as they are")
    return form
