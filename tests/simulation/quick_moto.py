"""moto's DynamoDB by a shorter way: its tables and expressions are the same.

What moto does around them for every AWS protocol alike (find the service by the address, parse
and serialize by the service's model) takes most of its time, and DynamoDB's JSON needs none of
it. tests/simulation/test_machinery.py holds both ways against each other.
"""

import base64
import contextlib
import copy
import json
import pickle
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import ServiceException
from moto.core.models import botocore_stubber
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]  # it is there
    DepthFirstTraverser,
    Node,
)
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]  # it is there
    UpdateExpressionParser,
)
from moto.dynamodb.parsing.validators import (
    ActionCountValidator,
    OverlappingPathsValidator,
    UpdateExpressionValidator,
    UpdateHashRangeKeyValidator,
)
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest


ACCOUNT, REGION = "123456789012", "eu-west-1"
LEX = "_lex_condition_expression"

# These look at an expression's text alone, and each of ours has passed them in tests/integration.
OF_THE_TEXT_ALONE = (
    ActionCountValidator,
    OverlappingPathsValidator,
    UpdateHashRangeKeyValidator,
)


@contextlib.contextmanager
def quick() -> Iterator[None]:
    """Read the text of each expression once, and check it in other tests."""
    with contextlib.ExitStack() as kept:
        # The validator copies the tree before it changes it.
        kept.enter_context(put(UpdateExpressionParser, "make", cache(UpdateExpressionParser.make)))
        kept.enter_context(put(validators, "deepcopy", copied()))
        kept.enter_context(put(Item, "__deepcopy__", beside))
        kept.enter_context(put(Table, "__deepcopy__", as_it_stands))
        kept.enter_context(put(DynamoType, "to_regular_json", in_words))
        kept.enter_context(put(DepthFirstTraverser, "nodes_to_be_processed", kinds_wanted()))
        processors = UpdateExpressionValidator.get_ast_processors

        def some(validator: UpdateExpressionValidator) -> list[Any]:
            return [one for one in processors(validator) if not isinstance(one, OF_THE_TEXT_ALONE)]

        kept.enter_context(put(UpdateExpressionValidator, "get_ast_processors", some))
        kept.enter_context(put(ConditionExpressionParser, LEX, read_once()))
        # It weighs the whole item at each attribute; none of ours comes near 400 KB.
        kept.enter_context(put(LimitedSizeDict, "__setitem__", dict.__setitem__))
        yield


@contextlib.contextmanager
def put(where: Any, name: str, what: Any) -> Iterator[None]:  # noqa: ANN401  # any of moto's
    """Put something else in the place of a part of moto, or where it has none."""
    before = where.__dict__.get(name)
    setattr(where, name, what)
    try:
        yield
    finally:
        if before is None:
            delattr(where, name)
        else:
            setattr(where, name, before)


def copied() -> Callable[[Any], Any]:
    """A tree of an expression by pickle, which is quicker; any other thing as ever."""
    pickled: dict[int, bytes] = {}

    def copying(thing: Any) -> Any:  # noqa: ANN401  # moto's own
        if not isinstance(thing, Node):
            return copy.deepcopy(thing)
        # The trees are those that `make` keeps for ever, so that none's number is used again.
        if id(thing) not in pickled:
            pickled[id(thing)] = pickle.dumps(thing)
        return pickle.loads(pickled[id(thing)])  # noqa: S301  # ours, of a line before

    return copying


def beside(item: Any, _memo: object) -> Any:  # noqa: ANN401  # moto's own
    """A copy of an item that shares its values: ours are put in place of others, never changed."""
    twin: Any = Item.__new__(Item)
    twin.hash_key, twin.range_key = item.hash_key, item.range_key
    twin.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(twin.attrs, item.attrs)
    return twin


def as_it_stands(table: Any, _memo: object) -> Any:  # noqa: ANN401  # moto's own
    """What a transaction that is refused goes back to: the items and the stream's records."""
    twin = copy.copy(table)
    twin.items = defaultdict(
        dict,
        {
            key: {place: copy.deepcopy(item) for place, item in beneath.items()}
            for key, beneath in table.items.items()
        },
    )
    if table.stream_shard is not None:
        twin.stream_shard = StreamShard.__new__(StreamShard)
        vars(twin.stream_shard).update(vars(table.stream_shard), table=twin)
        twin.stream_shard.items = list(table.stream_shard.items)
    return twin


def in_words(said: Any) -> dict[str, Any]:  # noqa: ANN401  # moto's own
    """A value in DynamoDB's JSON; moto copies it whole before, at each level."""
    value = said.value
    if isinstance(value, dict):
        value = {key: in_words(one) for key, one in value.items()}
    elif isinstance(value, list):
        value = [in_words(one) if isinstance(one, DynamoType) else one for one in value]
    elif said.is_binary() and isinstance(value, str):
        value = base64.b64decode(value)
    return {said.type: value}


def kinds_wanted() -> Callable[[Any], tuple[type, ...]]:
    """The kinds of nodes that a traverser looks at: found once for each, not at every node."""
    found: dict[type, tuple[type, ...]] = {}

    def wanted(traverser: Any) -> tuple[type, ...]:  # noqa: ANN401  # moto's own
        kind = type(traverser)
        if kind not in found:
            found[kind] = tuple(traverser._processing_map())  # noqa: SLF001  # as moto does
        return found[kind]

    return wanted


def read_once() -> Callable[[ConditionExpressionParser], Any]:
    """moto's reading of a condition's words, once for each text."""
    words: dict[str | None, list[Any]] = {}
    read: Callable[[ConditionExpressionParser], Any] = ConditionExpressionParser.__dict__[LEX]

    def reading(parser: ConditionExpressionParser) -> Any:  # noqa: ANN401  # moto's own
        text = parser.condition_expression
        if text not in words:
            words[text] = list(read(parser))
        return deque(words[text])

    return reading


class QuickDynamoDb(DynamoHandler):
    """moto's handler with JSON at both ends."""

    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__()
        self.body = self.params = asked

    @property
    def dynamodb_backend(self) -> DynamoDBBackend:
        """The one that there is."""
        return dynamodb_backends[ACCOUNT][REGION]


def in_json(value: object) -> str:
    """Bytes travel as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value))


def answer(request: "AWSPreparedRequest") -> AWSResponse:
    """Answer a request of the SDK's to DynamoDB."""
    asked: Any = request
    operation = asked.headers["X-Amz-Target"].decode().rpartition(".")[2]
    act = getattr(QuickDynamoDb(json.loads(asked.body)), camelcase_to_underscores(operation))
    try:
        said = act().result
    except (HTTPException, ServiceException):
        # Nothing was written: asked again the long way, moto words the refusal.
        refused = botocore_stubber("before-send", request)
        assert refused is not None
        return refused
    raw: Any = MockRawResponse(json.dumps(said, default=in_json))
    return AWSResponse(request.url, 200, HTTPHeaders(), raw)
