"""moto's DynamoDB by a shorter way: its tables and expressions are the same.

What moto does around them for every AWS protocol alike (find the service by the address, parse
and serialize by the service's model) takes most of its time, and DynamoDB's JSON needs none of
it. test_quick_moto.py and tests/simulation/test_machinery.py hold both ways against each other;
tests/integration/ledger asks all of its questions the long way.
"""

import base64
import contextlib
import copy
import json
import pickle
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core import responses
from moto.core.botocore_stubber import MockRawResponse
from moto.core.exceptions import ServiceException
from moto.core.models import botocore_stubber
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import ConditionalCheckFailed
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
    """Read the text of each expression once, and copy by shorter ways: all else is the same."""
    with contextlib.ExitStack() as kept:
        for where, name, what in SHORTER:
            kept.enter_context(put(where, name, what))
        yield


@contextlib.contextmanager
def quicker() -> Iterator[None]:
    """As `quick`, and check no text of an expression again that other tests have checked."""
    with quick(), contextlib.ExitStack() as kept:
        kept.enter_context(put(Item, "__deepcopy__", beside))
        processors = UpdateExpressionValidator.get_ast_processors

        def some(validator: UpdateExpressionValidator) -> list[Any]:
            return [one for one in processors(validator) if not isinstance(one, OF_THE_TEXT_ALONE)]

        kept.enter_context(put(UpdateExpressionValidator, "get_ast_processors", some))
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
    # Kept with its pickle, so that no other tree gets its number.
    pickled: dict[int, tuple[Node, bytes]] = {}

    def copying(thing: Any) -> Any:  # noqa: ANN401  # moto's own
        if not isinstance(thing, Node):
            return copy.deepcopy(thing)
        if id(thing) not in pickled:
            pickled[id(thing)] = (thing, pickle.dumps(thing))
        return pickle.loads(pickled[id(thing)][1])  # noqa: S301  # ours, of a line before

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


def whole(item: Any, _memo: object) -> Any:  # noqa: ANN401  # moto's own
    """A copy of an item, its values too."""
    twin = beside(item, _memo)
    for name, value in item.attrs.items():
        dict.__setitem__(twin.attrs, name, twin_of(value))
    return twin


def twin_of(said: Any) -> Any:  # noqa: ANN401  # moto's own
    """A copy of a value; moto keeps a list of all that it has copied, lest there be rings."""
    if not isinstance(said, DynamoType):
        return said
    twin = DynamoType.__new__(DynamoType)
    twin.type, twin.value = said.type, said.value
    if isinstance(said.value, dict):
        twin.value = {key: twin_of(one) for key, one in said.value.items()}
    elif isinstance(said.value, list):
        twin.value = [twin_of(one) for one in said.value]
    return twin


SHORTER: tuple[tuple[Any, str, Any], ...] = (
    # For each request moto looks through all that a class has; this is of every service.
    (responses, "method_names_from_class", cache(method_names_from_class)),
    (UpdateExpressionParser, "make", cache(UpdateExpressionParser.make)),
    # The validator copies the tree before it changes it.
    (validators, "deepcopy", copied()),
    (Item, "__deepcopy__", whole),
    (Table, "__deepcopy__", as_it_stands),
    (DynamoType, "to_regular_json", in_words),
    (DepthFirstTraverser, "nodes_to_be_processed", kinds_wanted()),
    (ConditionExpressionParser, LEX, read_once()),
)


class QuickDynamoDb(DynamoHandler):
    """moto's handler with JSON at both ends."""

    def __init__(self, asked: dict[str, Any]) -> None:
        super().__init__()
        self.body = self.params = asked

    @property
    def dynamodb_backend(self) -> DynamoDBBackend:
        """The one that there is."""
        return dynamodb_backends[ACCOUNT][REGION]


def with_bytes(said: dict[str, Any]) -> dict[str, Any]:
    """What came as base64, as moto's own reader gives it."""
    if isinstance(said.get("B"), str):
        return {"B": base64.b64decode(said["B"])}
    return said


def in_json(value: object) -> str:
    """Bytes travel as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(type(value))


# Those that ask for items: their answers are DynamoDB's JSON as it stands.
OF_ITEMS = frozenset(
    {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)


def answer(request: "AWSPreparedRequest") -> AWSResponse:
    """Answer a request of the SDK's to DynamoDB."""
    asked: Any = request
    operation = asked.headers["X-Amz-Target"].decode().rpartition(".")[2]
    if operation not in OF_ITEMS:
        return the_long_way(request)
    handler = QuickDynamoDb(json.loads(asked.body, object_hook=with_bytes))
    act = getattr(handler, camelcase_to_underscores(operation))
    try:
        said = act().result
    except ConditionalCheckFailed as refused:
        return told(request, HTTPStatus.BAD_REQUEST, str(refused.description))
    except (HTTPException, ServiceException):
        # Nothing was written: asked again the long way, moto words the refusal.
        return the_long_way(request)
    return told(request, HTTPStatus.OK, json.dumps(said, default=in_json))


def told(request: "AWSPreparedRequest", status: int, body: str) -> AWSResponse:
    """What the SDK gets."""
    raw: Any = MockRawResponse(body)
    return AWSResponse(request.url, status, HTTPHeaders(), raw)


def the_long_way(request: "AWSPreparedRequest") -> AWSResponse:
    """moto's own."""
    answered = botocore_stubber("before-send", request)
    assert answered is not None, f"moto does not know {request.url}"
    return answered
