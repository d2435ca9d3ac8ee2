"""Every setting there is: its name, its meaning, its default, what fits it."""

from __future__ import annotations

import getpass
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, TypeAdapter
from pydantic_settings import BaseSettings, SettingsConfigDict

from lorairo.config import quota
from lorairo.config.secret import Secret  # noqa: TC001 - pydantic reads it
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "LORAIRO_"
ALIASES = {
    "LORAIRO_MAX_WORKERS": "limits.workers",
    "LORAIRO_MAX_MEMORY_MB": "limits.memory_mb",
    "LORAIRO_BATCH_SIZE": "limits.batch_size",
}
"""Variables that are called otherwise than their setting."""

_MB_PER_WORKER = 256  # a large photograph, decoded, beside the file and what is made of it
_SPAN = re.compile(r"\d+(\.\d+)? ?(second|minute|hour|day|week|month|year)s?")
_SIZE = re.compile(r"\d+(\.\d+)? ?[kKMG]B")


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"the home folder of {path} is unknown") from error


def _address(text: str) -> str:
    TypeAdapter(HttpUrl).validate_python(text)
    if "@" in urlsplit(text).netloc:
        raise ValueError("an address holds no password; name the key's variable in api_key_env")
    return text.rstrip("/")


def _span(text: str) -> str:
    if not _SPAN.fullmatch(text):
        raise ValueError('a time is written like "1 week" or "12 hours"')
    return text


def _span_or_size(text: str) -> str:
    if not _SPAN.fullmatch(text) and not _SIZE.fullmatch(text):
        raise ValueError('a time is written like "1 week", a size like "10 MB"')
    return text


def _loud(level: Any) -> Any:
    return level.upper() if isinstance(level, str) else level


Folder = Annotated[Path, AfterValidator(_expanded)]
File = Annotated[Path, AfterValidator(_expanded)]
Level = Annotated[
    Literal["TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_loud)
]


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True, protected_namespaces=()
    )

    def __setattr__(self, name: str, value: object) -> None:
        raise ConfigError(
            f"a read setting cannot be assigned: lr.config.set('{type(self).__name__.lower()}.{name}', ...) "
            "changes and keeps it"
        )


class Api(Section):
    """Keys; `lorairo.keys.find` also looks in better places."""

    openai_key: Secret | None = Field(None, description="key of OpenAI")
    claude_key: Secret | None = Field(None, description="key of Anthropic")
    google_key: Secret | None = Field(None, description="key of Google")
    replicate_key: Secret | None = Field(None, description="key of Replicate")


class Directories(Section):
    """Folders."""

    database_dir: Folder | None = Field(None, description="folder of projects that lr.Workspace() opens")
    export_dir: Folder | None = Field(None, description="folder that relative paths of exports count from")
    batch_results_dir: Folder | None = Field(
        None, description="folder for the results of providers' batches; without it the project's own"
    )


class HuggingFace(Section):
    """The Hugging Face hub."""

    hf_username: str | None = Field(None, min_length=1, description="account on the hub")
    repo_name: str | None = Field(None, min_length=1, description="repository on the hub")
    token: Secret | None = Field(None, description="token of the hub, for gated models")


class Log(Section):
    """The log file of a project."""

    level: Level = Field("INFO", description="lowest level that is written")
    file_path: File = Field(
        Path("logs/lorairo.log"), description="the file; a relative path counts from the project's folder"
    )
    rotation: Annotated[str, AfterValidator(_span_or_size)] = Field(
        "1 week", description="when a new file begins: a time or a size"
    )
    retention: Annotated[str, AfterValidator(_span)] = Field(
        "1 month", description="how long old files are kept"
    )


class Provider(Section):
    """A provider of models, ours or an OpenAI-compatible server."""

    model: str | None = Field(None, min_length=1, description="model that is used when none is named")
    timeout: float = Field(60.0, gt=0, le=86_400, description="seconds to wait for an answer")
    retry_attempts: int = Field(3, ge=0, le=20, description="times a failed request is sent again")
    rate_limit_requests_per_minute: int = Field(60, ge=1, description="most requests in a minute")
    rate_limit_tokens_per_minute: int | None = Field(
        None, ge=1, description="most tokens in a minute, sent and answered; without it they are not counted"
    )
    concurrency: int = Field(8, ge=1, le=256, description="most requests under way at once")
    base_url: Annotated[str, AfterValidator(_address)] | None = Field(
        None, description="address of the server; without it the provider's own"
    )
    api_key_env: str | None = Field(
        None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="environment variable that holds the key"
    )


class Limits(Section):
    """What work may take of this machine."""

    workers: int = Field(
        default_factory=quota.processors, ge=1, le=1024, description="images worked on at the same time"
    )
    memory_mb: int = Field(
        default_factory=quota.memory_mb, ge=1, description=f"megabytes; {_MB_PER_WORKER} for each worker"
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        description="images committed together and given to a model together; without it what suits each",
    )

    @property
    def threads(self) -> int:
        """Workers for which there is memory."""
        return max(1, min(self.workers, self.memory_mb // _MB_PER_WORKER))


class Models(Section):
    """Models that run on this machine."""

    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
        description="where they run: auto, cpu, mps, cuda or cuda:1; auto: a GPU where there is one",
    )
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        "auto", description="numbers torch calculates in; auto: bfloat16 on a GPU that has it"
    )
    allow_remote_code: list[str] = Field(
        default_factory=list,
        description="models whose repository may run code of its own here; in the user's file only",
    )


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run under user ids that no account has
        return "someone"


class Settings(BaseSettings):
    """Every setting there is, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
        protected_namespaces=("settings_",),  # early pydantic-settings keeps `model_` for itself
    )

    author: str = Field(default_factory=_user_name, min_length=1, description="name in the history")
    vocabulary: File | None = Field(
        None,
        description="tagcomplete csv with tag names, categories, counts and aliases; or danbooru or e621, "
        "once downloaded",
    )
    vocabulary_dir: Folder = Field(
        default_factory=lambda: user_cache_path("lorairo", appauthor=False) / "vocabularies",
        description="folder for downloaded vocabularies",
    )
    implications: File | None = Field(None, description="csv of child,parent: tags that follow from tags")
    translations: File | None = Field(
        None, description="csv of tag,translation: what tags are called in another language"
    )
    tokenizer: File | None = Field(
        None, description="tokenizer.json of the text encoder, or a folder of them; else counts are estimates"
    )
    model_dir: Folder = Field(
        default_factory=lambda: user_cache_path("lorairo", appauthor=False) / "models",
        description="folder for downloaded models",
    )
    theme: Literal["auto", "light", "dark"] = Field(
        "auto", description="of the widgets; auto: the notebook's"
    )
    banned_phrases: list[str] = Field(
        default_factory=list,
        description="phrases that captions are better without, besides the usual inventions; a star stands "
        "for the end of a word",
    )
    thumbnail_size: int = Field(256, ge=64, le=1024, description="longer side of a thumbnail, pixels")
    max_bytes: int = Field(50 * 2**20, ge=1, description="largest file that is read, bytes")
    max_pixels: int = Field(200_000_000, ge=1, description="largest picture that is decoded, pixels")
    api: Api = Field(
        default_factory=partial(Api.model_validate, {}), description="keys; in the user's file only"
    )
    directories: Directories = Field(
        default_factory=partial(Directories.model_validate, {}), description="folders"
    )
    huggingface: HuggingFace = Field(
        default_factory=partial(HuggingFace.model_validate, {}), description="the Hugging Face hub"
    )
    log: Log = Field(default_factory=partial(Log.model_validate, {}), description="the log file of a project")
    providers: dict[str, Provider] = Field(default_factory=dict, description="providers of models")
    limits: Limits = Field(
        default_factory=partial(Limits.model_validate, {}), description="what work may take of this machine"
    )
    models: Models = Field(
        default_factory=partial(Models.model_validate, {}), description="models that run on this machine"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `load` alone: it has put the layers together, and knows which gave what."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


PROVIDERS = {
    "providers.openai.api_key_env": "OPENAI_API_KEY",
    "providers.anthropic.api_key_env": "ANTHROPIC_API_KEY",
    "providers.google.api_key_env": "GOOGLE_API_KEY",
}
"""The weakest layer: providers that are there without being named."""
