<?php

// Take webhooks: believe what is signed, refuse what is forged or old.
//
//     export ISHYURA_WEBHOOK_SECRET=whsec_…
//     php -S 127.0.0.1:8080 webhook.php
//
// POST /webhook checks the Standard Webhooks signature, POST /webhook-plain the plain one. Use the
// first where you can: it proves the time as well.

declare(strict_types=1);

const TOLERANCE_SECONDS = 5 * 60;

// Standard Webhooks. $body is what came, byte for byte, before anything parsed it.
function is_genuine(string $secret, string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $key = base64_decode(substr($secret, strlen('whsec_')));
    $hmac = hash_hmac('sha256', "$id.$timestamp.$body", $key, binary: true);
    $expected = 'v1,' . base64_encode($hmac);
    // Two signatures while a secret is rotated: one that fits is enough.
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($expected, $given)) {
            return true;
        }
    }
    return false;
}

// The plain signature, which does not tell how old a message is.
function is_plainly_genuine(string $secret, string $body): bool
{
    $expected = hash_hmac('sha256', $body, $secret);
    return hash_equals($expected, $_SERVER['HTTP_X_WEBHOOK_SIGNATURE'] ?? '');
}

$secret = getenv('ISHYURA_WEBHOOK_SECRET');
$body = file_get_contents('php://input');
$genuine = match ($_SERVER['REQUEST_URI']) {
    '/webhook' => is_genuine($secret, $body),
    '/webhook-plain' => is_plainly_genuine($secret, $body),
    default => false,
};
if (!$genuine) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
// Act once for each webhook-id, and look at data.version: order is not promised.
error_log("{$event['event']} {$event['data']['reference']}");
http_response_code(200);
