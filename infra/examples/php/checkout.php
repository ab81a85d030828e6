<?php

// Open a payment, and ask how it stands. PHP 8 alone is all it needs, without any extension.
//
//     export ISHYURA_API=https://pay.yoursite.rw/api/v1
//     export ISHYURA_PUBLIC_KEY=pk_test_… ISHYURA_SECRET_KEY=sk_test_…
//     php checkout.php initialize ORDER-12345 5000
//     php checkout.php verify ORDER-12345
//
// On your server: a page must never hold the secret key.

declare(strict_types=1);

function ask(string $method, string $path, ?array $body = null, array $headers = []): array
{
    $headers = array_merge([
        'Content-Type: application/json',
        'X-Public-Key: ' . getenv('ISHYURA_PUBLIC_KEY'),
        'X-Secret-Key: ' . getenv('ISHYURA_SECRET_KEY'),
    ], $headers);
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => $headers,
        'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => 30,
        'ignore_errors' => true, // an error's answer is read like any other
    ]]);
    $answer = file_get_contents(getenv('ISHYURA_API') . $path, false, $context);
    if ($answer === false) {
        throw new RuntimeException('No answer: ask again under the same Idempotency-Key');
    }
    $told = json_decode($answer, true, flags: JSON_THROW_ON_ERROR);
    if (isset($told['error'])) {
        throw new RuntimeException("{$told['error']['code']}: {$told['message']}");
    }
    return $told;
}

function initialize(string $order, int $amount): string
{
    $told = ask('POST', '/checkout/initialize', [
        'amount' => $amount,
        'tx_ref' => $order,
        'customer' => [
            'name' => 'Aline Uwase',
            'email' => 'aline@example.rw',
            'phone' => '0788123456',
        ],
        'redirect_url' => 'https://yoursite.rw/thanks',
        // The same key makes a repeat harmless: after a broken connection, just ask again.
    ], ["Idempotency-Key: $order"]);
    return $told['data']['payment_url'];
}

function verify(string $order): string
{
    return ask('GET', '/checkout/' . rawurlencode($order) . '/verify')['status'];
}

try {
    [, $command, $order] = $argv;
    echo $command === 'initialize' ? initialize($order, (int) $argv[3]) : verify($order), "\n";
} catch (RuntimeException $refused) {
    fwrite(STDERR, $refused->getMessage() . "\n");
    exit(1);
}
